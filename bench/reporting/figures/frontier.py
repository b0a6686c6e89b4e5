"""Cost against the decode cache that it buys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.analysis.frontier import Trade, trades_of
from bench.analysis.memory.headlines import ClipBytes, clip_bytes
from bench.analysis.memory.records import MemoryRecords
from bench.comparing import Results
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
    save_figure,
    set_heading,
    settle,
    styled,
    title_of,
)
from bench.reporting.text.format import percent
from bench.scoring import METRICS, Metric
from bench.suite import Suite

MIB = 2**20
LEAST_HEIGHT, LINE = 2.3, 0.19
"""The least height of a panel, and what an arm's name adds to it; inches."""
MARGIN = 0.15
"""Left and right of what is drawn, in parts of its width; a label has room there."""
NARROWEST = 0.02
"""Of the largest cache: what the axis spans at least, so that what is small looks small."""
BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3}
"""A name, where it stands over an interval."""
MARK = 4.0
"""Half of a mark's width, points."""


def write_frontier(suite: Suite, results: Results, memory: MemoryRecords | None, folder: Path) -> list[Path]:
    """Writes frontier.svg and .png where memory was measured after a run; returns what was written."""
    clips = [] if memory is None else clip_bytes(memory.records)
    if memory is None or memory.transcripts is None or not clips:
        return []
    positions = memory.transcripts.longest
    chosen = _in_their_dtypes(suite, clips)
    caches = {clip.arm: clip.decode_cache(positions) for clip in chosen}
    panels = panels_of(suite, {metric: trades_of(suite, results, caches, metric) for metric in METRICS})
    if not panels:
        return []
    dtypes = ", ".join(dict.fromkeys(clip.dtype for clip in chosen))
    about = f"decode cache of a clip at {positions} positions (99th percentile), {dtypes}, MiB; hollow: dominated"
    floors = _floors(suite, results)
    about += f"; without floor rows: {' '.join(floors)}" if floors else ""
    figure = draw_frontier(title_of(suite, "cost against decode cache"), about, panels)
    save_figure(figure, suite.name, results.signature, folder / "frontier")
    return [folder / f"frontier.{suffix}" for suffix in ("svg", "png")]


def _floors(suite: Suite, results: Results) -> list[str]:
    """Languages that some arm's mean leaves out."""
    means = [results.of(arm).summary(metric, "mean") for arm in suite.arms if arm.control for metric in METRICS]
    return list(dict.fromkeys(language for mean in means if mean is not None for language in mean.floors))


def _in_their_dtypes(suite: Suite, clips: Sequence[ClipBytes]) -> list[ClipBytes]:
    """Of each arm what was measured in the dtype that it is decoded in; in the first one that was, without it."""
    wanted: dict[str, str] = {arm.id: suite.decode_of(arm).dtype for arm in suite.arms}
    chosen: dict[str, ClipBytes] = {}
    for clip in clips:
        if clip.arm not in chosen or clip.dtype == wanted[clip.arm]:
            chosen[clip.arm] = clip
    return list(chosen.values())


def panels_of(suite: Suite, trades: Mapping[Metric, Sequence[Trade]]) -> dict[tuple[str, Metric], list[Trade]]:
    """Groups trades by control, training seeds apart, and metric, where anything is held against it."""
    controls = {arm.id: (suite.control_of(arm) or arm).id for arm in suite.arms}
    panels: dict[tuple[str, Metric], list[Trade]] = {}
    for control in dict.fromkeys(controls.values()):
        for metric, of_metric in trades.items():
            group = [trade for trade in of_metric if controls[trade.arm] == control]
            if any(trade.control for trade in group):
                panels[control, metric] = group
    return panels


@styled
def draw_frontier(title: str, about: str, panels: Mapping[tuple[str, Metric], Sequence[Trade]]) -> Figure:
    """A row a control, a column a metric; every point is named, with what of the control's cache it saves."""
    columns = len({metric for _, metric in panels})
    rows = -(-len(panels) // columns)
    most = max(len(trades) for trades in panels.values())
    height = max(LEAST_HEIGHT, LINE * most + 0.8)
    figure = Figure(figsize=(WIDTH, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, ((control, metric), trades) in zip(axes, panels.items(), strict=True):
        _draw_trades(panel, trades)
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


def _draw_trades(panel: Axes, trades: Sequence[Trade]) -> None:
    set_cost_axis(panel, _is_large(trades), "y")
    caches = [trade.decode_cache / MIB for trade in trades]
    low, high = min(caches), max(caches)
    span = max(high - low, NARROWEST * high)
    middle, half = (low + high) / 2, (0.5 + MARGIN) * span
    panel.set_xlim(middle - half, middle + half)
    panel.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    plain_ticks(panel.xaxis)
    for place, (trade, cache) in enumerate(zip(trades, caches, strict=True)):
        colour, marker = mark_of(place)
        face, depth, ink = ("white", 2, 0.5) if trade.dominated else (colour, 3, 1.0)
        ends = [trade.cost.low, trade.cost.high]
        panel.plot([cache, cache], ends, color=colour, alpha=ink, zorder=depth)
        panel.plot(cache, trade.cost.value, marker, color=colour, markerfacecolor=face, zorder=depth)
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
        point = (trades[place].decode_cache / MIB, trades[place].cost.value)
        beside: dict[str, Any] = {"xycoords": "data", "textcoords": "offset points", "ha": "center", "va": "center"}
        if math.hypot(*near) > 2.5 * MARK:
            line = {"arrowstyle": "-", "color": colour, "linewidth": 0.4, "shrinkA": 0, "shrinkB": MARK}
            panel.annotate("", point, xytext=near, arrowprops=line, **beside)
        panel.annotate(name, point, xytext=middle, fontsize=SMALL, bbox=BEHIND, zorder=4, **beside)


def _names(trades: Sequence[Trade]) -> list[str]:
    """With the change against the control's cache."""
    of_control = next((trade.decode_cache for trade in trades if trade.control is None), None)
    changes = [percent_change(trade.decode_cache, of_control) if trade.control else None for trade in trades]
    return [
        trade.arm if change is None else f"{trade.arm} {percent(change)}"
        for trade, change in zip(trades, changes, strict=True)
    ]


def _in_points(panel: Axes, trade: Trade, cost: float) -> tuple[float, float]:
    x, y = panel.transData.transform((trade.decode_cache / MIB, cost))
    scale = 72 / panel.figure.dpi
    return float(scale * x), float(scale * y)
