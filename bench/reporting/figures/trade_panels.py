"""Cost against what it buys: every arm a named point, in a panel a control and metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.analysis.frontier import Trade
from bench.memory_sums import percent_change
from bench.reporting.figures.cost_axis import SCALE, has_large, set_cost_axis
from bench.reporting.figures.label_placement import Box, place_beside
from bench.reporting.figures.style import (
    BETTER,
    CHARACTER,
    SMALL,
    WIDTH,
    mark_of,
    plain_ticks,
    set_heading,
    settle,
    styled,
)
from bench.reporting.text.format import percent
from bench.scoring import Metric

LEAST_HEIGHT, LINE = 2.3, 0.19
"""The least height of a panel, and what an arm's name adds to it; inches."""
MARGIN = 0.15
"""Left and right of what is drawn, in parts of its width; a label has room there."""
NARROWEST = 0.02
"""Of the largest that is spent: what the axis spans at least, so that what is small looks small."""
BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3}
"""A name, where it stands over an interval."""
MARK = 4.0
"""Half of a mark's width, points."""


@styled
def draw_trades(title: str, about: str, panels: Mapping[tuple[str, Metric], Sequence[Trade]]) -> Figure:
    """A row a control, a column a metric; every point is named, with what it saves of the control's."""
    columns = len({metric for _, metric in panels})
    rows = -(-len(panels) // columns)
    most = max(len(trades) for trades in panels.values())
    height = max(LEAST_HEIGHT, LINE * most + 0.8)
    figure = Figure(figsize=(WIDTH, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, ((control, metric), trades) in zip(axes, panels.items(), strict=True):
        _draw_points(panel, trades)
        panel.set_title(f"against {control}, {metric.upper()}")
    scale = f"\ncosts {SCALE}" if any(map(_is_large, panels.values())) else ""
    figure.supxlabel(f"{BETTER}    {about}{scale}")
    figure.supylabel(f"{BETTER}    mean cost, points")
    set_heading(figure, title)
    settle(figure)
    for panel, trades in zip(axes, panels.values(), strict=True):
        _name_arms(panel, trades)
    return figure


def _is_large(trades: Sequence[Trade]) -> bool:
    return has_large(end for trade in trades for end in (trade.cost.value, *trade.cost.interval))


def _draw_points(panel: Axes, trades: Sequence[Trade]) -> None:
    set_cost_axis(panel, _is_large(trades), "y")
    spent = [trade.spent for trade in trades]
    low, high = min(spent), max(spent)
    span = max(high - low, NARROWEST * high)
    middle, half = (low + high) / 2, (0.5 + MARGIN) * span
    panel.set_xlim(middle - half, middle + half)
    panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    plain_ticks(panel.xaxis)
    for place, (trade, at) in enumerate(zip(trades, spent, strict=True)):
        colour, marker = mark_of(place)
        face, depth, ink = ("white", 2, 0.5) if trade.dominated else (colour, 3, 1.0)
        ends = [trade.cost.low, trade.cost.high]
        panel.plot([at, at], ends, color=colour, alpha=ink, zorder=depth)
        panel.plot(at, trade.cost.value, marker, color=colour, markerfacecolor=face, zorder=depth)
    panel.margins(y=0.12)


def _name_arms(panel: Axes, trades: Sequence[Trade]) -> None:
    """Beside the points, where they hide nothing; the layout of the figure is settled."""
    scale = 72 / panel.figure.dpi
    window = panel.get_window_extent()
    room = Box(*(scale * edge for edge in (window.x0, window.y0, window.x1, window.y1)))
    names = _names(trades)
    at = [_in_points(panel, trade, trade.cost.value) for trade in trades]
    zero = _in_points(panel, trades[0], 0.0)[1]
    taken = [Box(room.left, zero - 0.5, room.right, zero + 0.5)]
    taken += [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in at]
    for trade, (x, _) in zip(trades, at, strict=True):
        ends = [_in_points(panel, trade, end)[1] for end in trade.cost.interval if math.isfinite(end)]
        taken += [Box(x - 1, min(ends), x + 1, max(ends))] if ends else []
    sizes = [(CHARACTER * SMALL * len(name), 1.25 * SMALL) for name in names]
    for place, (box, name) in enumerate(zip(place_beside(at, sizes, taken, room), names, strict=True)):
        (x, y), (colour, _) = at[place], mark_of(place)
        middle = ((box.left + box.right) / 2 - x, (box.low + box.high) / 2 - y)
        near = min(max(x, box.left), box.right) - x, min(max(y, box.low), box.high) - y
        point = (trades[place].spent, trades[place].cost.value)
        beside: dict[str, Any] = {"xycoords": "data", "textcoords": "offset points", "ha": "center", "va": "center"}
        if math.hypot(*near) > 2.5 * MARK:
            line = {"arrowstyle": "-", "color": colour, "linewidth": 0.4, "shrinkA": 0, "shrinkB": MARK}
            panel.annotate("", point, xytext=near, arrowprops=line, **beside)
        panel.annotate(name, point, xytext=middle, fontsize=SMALL, bbox=BEHIND, zorder=4, **beside)


def _names(trades: Sequence[Trade]) -> list[str]:
    """With the change against what the control takes."""
    of_control = next((trade.spent for trade in trades if trade.control is None), None)
    changes = [percent_change(trade.spent, of_control) if trade.control else None for trade in trades]
    return [
        trade.arm if change is None else f"{trade.arm} {percent(change)}"
        for trade, change in zip(trades, changes, strict=True)
    ]


def _in_points(panel: Axes, trade: Trade, cost: float) -> tuple[float, float]:
    x, y = panel.transData.transform((trade.spent, cost))
    scale = 72 / panel.figure.dpi
    return float(scale * x), float(scale * y)
