"""Where labels of a picture go so that none hides another, or a mark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

DISTANCES = (5.0, 9.0, 14.0, 20.0, 28.0, 38.0, 50.0, 65.0, 85.0, 110.0, 140.0)
"""From a point to its label: the nearest is tried first."""
DIRECTIONS = 16
TOUCHING = 1e-7
"""An area that is none."""
WORSE = 10.0
"""Times as bad to lie outside, or over another label, as to lie over a mark."""
CLASH = 300.0
"""How bad it is to do so at all: rather as far away as there are places."""
FAR = 1.0
"""How bad it is to be one unit further away, beside an area of one over a mark: rather over a thin line than far."""


class Box(NamedTuple):
    """A rectangle, in the unit of whatever it is in."""

    left: float
    low: float
    right: float
    high: float

    def shared(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.high, other.high) - max(self.low, other.low)
        return max(0.0, width) * max(0.0, height)

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.high - self.low)


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


def place_beside(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], taken: Sequence[Box], room: Box
) -> list[Box]:
    """A box of its size for each point: near it, inside `room`, over nothing that is `taken` and no other label.

    One point after another takes the nearest free place; where none is free, that which hides the least. Sizes are in
    points of type, or units like them.
    """
    placed: list[Box] = []
    for point, size in zip(points, sizes, strict=True):
        best, least = None, math.inf
        for distance in DISTANCES:
            if FAR * distance >= least:
                break
            for box in _around(point, size, distance):
                worse = sum(box.shared(other) for other in placed) + box.area - box.shared(room)
                clash = CLASH + WORSE * worse if worse > TOUCHING else 0.0
                hidden = sum(box.shared(other) for other in taken) + clash + FAR * distance
                if hidden < least - 1e-9:
                    best, least = box, hidden
        assert best is not None
        placed.append(best)
    return placed


def _around(point: tuple[float, float], size: tuple[float, float], distance: float) -> Iterator[Box]:
    """Boxes about a point: at the right first, then clockwise and counter-clockwise in turn."""
    (x, y), (width, height) = point, size
    for turn in sorted(range(DIRECTIONS), key=lambda turn: min(turn, DIRECTIONS - turn)):
        angle = 2 * math.pi * turn / DIRECTIONS
        middle_x = x + math.cos(angle) * (distance + width / 2)
        middle_y = y + math.sin(angle) * (distance + height / 2)
        yield Box(middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2)
