"""What a comparison says: a mark, a direction from it, where the cost lies against a margin and against clean speech.

The rules themselves, which comparisons apply and the calibration tries out.
"""

from typing import Literal

Direction = Literal["worse", "better", "undecided"]
Margin = Literal["within", "beyond", "undecided"]

ALPHA = 0.05
"""Level of every test, two-sided but against a margin; intervals are 95 %."""


def is_significant(p: float) -> bool:
    """Whether a p-value, corrected as its family demands, bears the mark; a NaN bears none."""
    return p <= ALPHA


def direction(significant: bool, delta: float) -> Direction:
    """Worse or better where the difference is significant."""
    if not significant:
        return "undecided"
    return "worse" if delta > 0 else "better"


def against_margin(p_within: float, p_beyond: float) -> Margin:
    """Within: a cost of the margin or more is ruled out. Beyond: one of the margin or less is. By one-sided p-values,
    corrected as their family demands.
    """
    if is_significant(p_within):
        return "within"
    return "beyond" if is_significant(p_beyond) else "undecided"


def hurts_more(p_difference: float, p_ratio: float, difference: float, ratio: float) -> bool:
    """Whether a cost is said to be higher in noise than on clean speech: on both scales, or not at all.

    `difference`: cost minus clean cost; `ratio`: relative error rate of the converted arm over the clean one; each with
    its own corrected p. Either scale alone finds more wherever costs are constant on the other.
    """
    return is_significant(p_difference) and is_significant(p_ratio) and difference > 0 and ratio > 1
