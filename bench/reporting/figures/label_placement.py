"""Where marks and labels of a picture go so that none hides another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

ROOM = 0.8
"""Part of the way to other places that equal ones may take up."""


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The nearest places (least squares) in the same order that are `gap` apart and lie between `low` and `high`.

    Closer than `gap` where there is no room for as much; all in one unit.
    """
    if not places:
        return []
    steps = np.arange(len(places)) * min(gap, (high - low) / max(1, len(places) - 1))
    order = np.argsort(places, kind="stable")
    apart = isotonic_regression(np.asarray(places, dtype=float)[order] - steps).x
    placed = np.empty(len(places))
    placed[order] = np.clip(apart, low, high - steps[-1]) + steps
    return [float(place) for place in placed]


def side_by_side(places: Sequence[float], factor: float) -> list[float]:
    """On a log axis: equal places a `factor` from one to the next, around where they were; others as they are.

    Closer where they would come near other places: the order on the axis stays true.
    """
    total, seen = Counter(places), Counter[float]()
    ratios = [high / low for low, high in pairwise(sorted(total))]
    places_beside = []
    for place in places:
        others = total[place] - 1
        step = min(factor, min(ratios, default=factor**2) ** (ROOM / others)) if others else 1.0
        places_beside.append(place * step ** (seen[place] - others / 2))
        seen[place] += 1
    return places_beside
