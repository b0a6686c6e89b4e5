"""What a comparison says, in two fields: a direction from the mark, and where the cost lies against a margin."""

from typing import Literal

Direction = Literal["worse", "better", "undecided"]
Margin = Literal["within", "beyond", "undecided"]

MARGIN_ALPHA = 0.10
"""The margin is read off the 90 % interval: a one-sided test at 5 % either way, not adjusted for several languages."""


def direction(significant: bool, delta: float) -> Direction:
    """Worse or better where the difference is significant."""
    if not significant:
        return "undecided"
    return "worse" if delta > 0 else "better"


def against_margin(low: float, high: float, margin: float) -> Margin:
    """Within: even the upper end of the 90 % interval costs less than the margin. Beyond: even the lower end more."""
    if high < margin:
        return "within"
    return "beyond" if low > margin else "undecided"
