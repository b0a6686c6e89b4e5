"""What a comparison says, in two fields: a direction from the mark, and where the cost lies against a margin."""

from typing import Literal

Direction = Literal["worse", "better", "undecided"]
Margin = Literal["within", "beyond", "undecided"]

MARGIN_ALPHA = 0.10
"""The margin is read off the 90 % interval: a one-sided test at 5 % either way, not adjusted for several languages."""


def direction(significant: bool, delta: float) -> Direction:
    """The direction: worse or better where the difference is significant, else undecided."""
    if not significant:
        return "undecided"
    return "worse" if delta > 0 else "better"


def against_margin(low: float, high: float, margin: float) -> Margin:
    """The cost against a margin: within where the 90 % interval ends below it, beyond where it begins above."""
    if high < margin:
        return "within"
    return "beyond" if low > margin else "undecided"
