"""The axes of costs over model size: parameters on a log axis, every size named once, lines from size to size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise
from math import exp, isfinite, log

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from bench.analysis.size_curves import SizePoint

MILLION = 1e6
FEWEST_POINTS = 1.0
"""Percentage points from top to bottom at least: so that what is small looks small."""
MARGIN = 0.06
"""Above and below what is drawn, in parts of its height."""
NAME = 0.1
"""What a size's name takes, in parts of a panel's width."""
Point = tuple[float, SizePoint]
"""With its place on the axis, millions of parameters."""


def set_limits(panel: Axes, sizes: Collection[float], costs: Sequence[float], left: float, right: float) -> None:
    """The smallest and the largest size stand at these parts of the panel's width; a single one between them.

    `sizes` in millions, `costs` in points; those that are not finite are not drawn.
    """
    first, last = min(sizes), max(sizes)
    span = log(last / first)
    width = span / (right - left) or log(4)
    start = log(first) - width * (left if span else (left + right) / 2)
    drawn = [0.0, *(cost for cost in costs if isfinite(cost))]
    low, high = min(drawn), max(drawn)
    missing = max(0.0, FEWEST_POINTS - (high - low)) / 2
    margin = MARGIN * max(high - low, FEWEST_POINTS)
    panel.set_xscale("log")
    panel.set_xlim(exp(start), exp(start + width))
    panel.set_ylim(low - missing - margin, high + missing + margin)


def width_of(panel: Axes, part: float) -> float:
    """A part of the panel's width, as a factor on its log axis."""
    low, high = panel.get_xlim()
    return float((high / low) ** part)


def finish(panel: Axes, sizes: Collection[float], title: str) -> None:
    """Names what is drawn; of sizes whose names would overlap the first alone has one."""
    named: list[float] = []
    for size in sizes:
        if all(max(size, other) / min(size, other) >= width_of(panel, NAME) for other in named):
            named.append(size)
    panel.set_xticks(list(sizes), [_name(size) if size in named else "" for size in sizes])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.set_title(title, fontsize=8)
    panel.tick_params(labelsize=7)
    panel.spines[["top", "right"]].set_visible(False)


def _name(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 else f"{size:.3g}"


def steps_of(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """Every pair of points that a line joins: size by size, from and to every training seed."""
    sizes = [list(group) for _, group in groupby(points, key=lambda point: point[1].parameters)]
    for here, there in pairwise(sizes):
        for i in range(max(len(here), len(there))):
            yield here[min(i, len(here) - 1)], there[min(i, len(there) - 1)]
