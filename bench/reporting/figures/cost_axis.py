"""An axis of costs and the intervals on it, the same in every picture."""

from __future__ import annotations

import math
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter

from bench.reporting.figures.style import GREY
from bench.stats import Interval

LINEAR = 20
"""Points either way in which an axis of large costs is linear."""
LARGE = 60
"""A cost or an end of an interval beyond this is large."""
NARROWEST = 0.2
"""Points that an axis spans at least."""
TICKS = (-10_000, -1000, -100, -10, 0, 10, 20, 50, 200, 1000, 5000)
"""Of an axis of large costs; fewer where a sign takes room."""
UNDETERMINED = Line2D([], [], color=GREY, linestyle=":", linewidth=1.2, label="interval not determined")
"""In legends."""


def has_large(values: Iterable[float]) -> bool:
    """Whether one is so large that costs of a few points would be drawn as one beside it."""
    return any(math.isfinite(value) and abs(value) > LARGE for value in values)


def set_cost_axis(panel: Axes, large: bool) -> None:
    """A line at zero; with large costs linear in the middle and logarithmic beyond, so that none is left out."""
    panel.axvline(0, color=GREY, linewidth=0.8)
    if not large:
        panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        return
    panel.set_xscale("symlog", linthresh=LINEAR)
    panel.xaxis.set_major_locator(FixedLocator(TICKS))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def widen(panel: Axes) -> None:
    """Where all costs are next to nothing, shows them so instead of enlarging the last digits."""
    low, high = panel.get_xlim()
    if high - low < NARROWEST:
        panel.set_xlim(-NARROWEST / 2, NARROWEST / 2)


def about_axis(large: bool) -> str:
    """What a label must say of such an axis."""
    return f"; logarithmic beyond {LINEAR} points" if large else ""


def draw_interval(panel: Axes, interval: Interval, place: float, colour: str) -> None:
    """Dotted from edge to edge where too little differs for an interval."""
    if interval.is_determined:
        panel.plot([*interval], [place, place], color=colour, linewidth=1.6)
    else:
        panel.axhline(place, color=colour, linestyle=":", linewidth=1.2)
