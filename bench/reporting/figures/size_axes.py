"""The axes of costs over model size: parameters on a log axis, every size named once, training seeds as a band."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, isfinite, log

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, NullLocator

from bench.analysis.size_curves import SizeCurve, SizePoint
from bench.reporting.figures.style import GREY, known, plain_ticks
from bench.stats import Estimate

MILLION = 1e6
FEWEST_POINTS = 1.0
"""Percentage points from top to bottom at least: so that what is small looks small."""
MARGIN = 0.06
"""Above and below what is drawn, in parts of its height."""
NAME = 0.12
"""What a size's name takes, in parts of a panel's width."""
SHADE = 0.15
"""How dense a band is."""


@dataclass(frozen=True)
class Band:
    """Costs over sizes, millions of parameters: the mean of the training seeds, each of theirs, and the outermost ends
    of their intervals.
    """

    sizes: tuple[float, ...]
    means: tuple[float, ...]
    seeds: tuple[tuple[float, ...], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def ends(self) -> list[float]:
        """Of all that is drawn."""
        return [*self.low, *self.high, *(value for values in self.seeds for value in values)]


def band_of(points: Iterable[SizePoint], cost_of: Callable[[SizePoint], Estimate]) -> Band:
    """Of points from the smallest to the largest."""
    groups = groupby(points, key=lambda point: point.parameters)
    found = [(size, [cost_of(point) for point in group]) for size, group in groups]
    return Band(
        sizes=tuple(size / MILLION for size, _ in found),
        means=tuple(float(np.mean([cost.value for cost in costs])) for _, costs in found),
        seeds=tuple(tuple(cost.value for cost in costs) for _, costs in found),
        low=tuple(min(cost.low for cost in costs) for _, costs in found),
        high=tuple(max(cost.high for cost in costs) for _, costs in found),
    )


def is_flat(curve: SizeCurve) -> bool:
    """Whether nothing differs at any size in any language, so that there is nothing to draw."""
    costs = [cost for point in curve.points for cost in (point.median, *point.languages.values())]
    return all(cost.value == cost.low == cost.high == 0 for cost in costs)


def draw_band(panel: Axes, band: Band, colour: str, marker: str) -> None:
    """The line of the means, shaded between the ends; the ends as a bar at each size, which a single size needs."""
    low, high = known(band.low), known(band.high)
    panel.fill_between(band.sizes, low, high, color=colour, alpha=SHADE, linewidth=0)
    panel.vlines(band.sizes, low, high, color=colour, linewidth=0.7, alpha=0.6)
    panel.plot(band.sizes, band.means, color=colour, linewidth=1.4, zorder=3)
    for size, values in zip(band.sizes, band.seeds, strict=True):
        panel.plot([size] * len(values), values, marker, color=colour, markersize=3.5, zorder=3)


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
    panel.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    panel.set_xticks(list(sizes), [_name(size) if size in named else "" for size in sizes])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    plain_ticks(panel.yaxis)
    panel.set_title(title)


def name_sizes(flat: Sequence[str]) -> str:
    """The label below panels; with the families that are not drawn, for they are the same at every size."""
    told = f"\nno difference at any size: {', '.join(flat)}" if flat else ""
    return f"parameters of the control, millions{told}"


def _name(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 else f"{size:.3g}"
