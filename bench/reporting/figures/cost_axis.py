"""An axis of costs and the intervals on it, the same in every picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis, XAxis
from matplotlib.lines import Line2D
from matplotlib.ticker import Locator, MaxNLocator, NullLocator

from bench.reporting.figures.style import BETTER, CHARACTER, GREY, SMALL, plain_ticks
from bench.reporting.text.format import plain
from bench.stats import Interval

LINEAR = 20
"""Points either way in which an axis of large costs is linear."""
SCALE = f"logarithmic beyond {LINEAR} points"
"""What is said of such an axis."""
LARGE = 60
"""A cost or an end of an interval beyond this is large."""
NARROWEST = 0.2
"""Points that an axis spans at least."""
TICKS = (0, 1000, -1000, 100, -100, 10, -10, 10_000, -10_000, 20, -20, 50, -50, 5, -5, 200, -200, 500, -500)
"""Of an axis of large costs, those that matter most first; a tick whose number would touch another's is left out."""
GAP = 4.0
"""Between numbers, points of type."""
UNDETERMINED = Line2D([], [], color=GREY, linestyle=":", linewidth=1.2, label="interval not determined")
BOUND = Line2D([], [], color=GREY, marker="|", linewidth=0.7, label="° bound of the capped cost")
"""In legends."""
POINTS_PER_INCH = 72
Along = Literal["x", "y"]


class Spaced(Locator):
    """Ticks of an axis of large costs, as many as have room."""

    def __call__(self) -> Sequence[float]:
        low, high = sorted(self._placed().get_view_interval())
        return self.tick_values(low, high)

    def _placed(self) -> Axis:
        """The axis that it is of: matplotlib sets it before it asks for ticks."""
        assert isinstance(self.axis, Axis)
        return self.axis

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        axis = self._placed()
        panel = axis.axes.get_window_extent()
        upright = not isinstance(axis, XAxis)
        length = (panel.height if upright else panel.width) * POINTS_PER_INCH / axis.axes.figure.dpi
        transform = axis.get_transform()
        low, high = (float(transform.transform([end])[0]) for end in (vmin, vmax))
        chosen: dict[float, tuple[float, float]] = {}
        for tick in TICKS:
            if not vmin <= tick <= vmax:
                continue
            place = (float(transform.transform([tick])[0]) - low) / (high - low) * length
            half = (SMALL if upright else CHARACTER * SMALL * len(plain(tick))) / 2
            if all(abs(place - other) >= half + beside + GAP for other, beside in chosen.values()):
                chosen[tick] = (place, half)
        return sorted(chosen)


def has_large(values: Iterable[float]) -> bool:
    """Whether one is so large that costs of a few points would be drawn as one beside it."""
    return any(math.isfinite(value) and abs(value) > LARGE for value in values)


def set_cost_axis(panel: Axes, large: bool, along: Along = "x") -> None:
    """A line at zero; with large costs linear in the middle and logarithmic beyond, so that none is left out."""
    axis, draw_zero = (panel.xaxis, panel.axvline) if along == "x" else (panel.yaxis, panel.axhline)
    draw_zero(0, color=GREY, linewidth=0.8, zorder=1)
    if large and along == "x":
        panel.set_xscale("symlog", linthresh=LINEAR)
    elif large:
        panel.set_yscale("symlog", linthresh=LINEAR)
    axis.set_major_locator(Spaced() if large else MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_minor_locator(NullLocator())
    plain_ticks(axis)


def widen(panel: Axes) -> None:
    """Where all costs are next to nothing, shows them so instead of enlarging the last digits."""
    low, high = panel.get_xlim()
    if high - low < NARROWEST:
        panel.set_xlim(-NARROWEST / 2, NARROWEST / 2)


def name_costs(about: str, large: bool) -> str:
    """The label of such an axis: which way is better, what costs are of, and of what scale it is."""
    return f"{BETTER}    {about}{f'; {SCALE}' if large else ''}"


def draw_interval(panel: Axes, interval: Interval, place: float, colour: str, resampled: bool = True) -> None:
    """Dotted from edge to edge where too little differs for an interval; thin, with ends, where it is the bound of the
    capped cost, which need not hold the cost itself.
    """
    if not interval.is_determined:
        panel.axhline(place, color=colour, linestyle=":", linewidth=1.2)
    elif resampled:
        panel.plot([*interval], [place, place], color=colour, linewidth=1.6)
    else:
        panel.plot([*interval], [place, place], "|-", color=colour, linewidth=0.7, markersize=5)
