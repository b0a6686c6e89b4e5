"""Corrections for several tests, as textbooks have them: what stored p-values are held against."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from scipy import stats

Correction = Callable[[Sequence[float]], list[float]]


def holm(p: Sequence[float]) -> list[float]:
    """The i-th smallest of m times m - i, none below the one before it, none above 1."""
    adjusted, reached = [0.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda place: p[place])):
        reached = max(reached, (len(p) - rank) * p[place])
        adjusted[place] = min(1.0, reached)
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """By scipy; a NaN counts as 1 and stays one."""
    adjusted = stats.false_discovery_control([1.0 if isnan(value) else value for value in p])
    return [float("nan") if isnan(raw) else float(value) for raw, value in zip(p, adjusted, strict=True)]


CORRECTIONS: Mapping[str, Correction] = {"none": list, "bh": benjamini_hochberg, "holm": holm}


def marked(p: Sequence[float], correction: str) -> list[bool]:
    """At 5 %."""
    return [value <= 0.05 for value in CORRECTIONS[correction](list(p))]
