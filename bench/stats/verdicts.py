"""What a comparison says: a mark, a direction from it, where the cost lies against a margin and against clean speech.

The rules themselves, which comparisons apply and the calibration tries out.
"""

from typing import Literal

import numpy as np

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


def p_hurts_more(p_difference: float, p_ratio: float) -> float:
    """The p of a cost that is no higher in noise than on clean speech on at least one scale; NaN where either p is.

    One-sided p-values of no higher cost in points, and of no higher relative error rate. Either scale alone finds more
    wherever costs are constant on the other, so it must be both: the larger p (intersection-union test, Berger 1982).
    That one is corrected over cells, not each by itself: where costs are constant on one scale the other finds much,
    and a correction that much was found with is lenient.
    """
    return float(np.maximum(p_difference, p_ratio))
