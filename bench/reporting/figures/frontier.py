"""Cost against the decode cache that it buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from bench.analysis.frontier import Trade, trades_of
from bench.analysis.memory.headlines import ClipBytes, clip_bytes
from bench.analysis.memory.records import MemoryRecords
from bench.comparing import Results
from bench.reporting.figures.label_placement import side_by_side
from bench.reporting.figures.style import mark_of, save_figure, set_title
from bench.scoring import METRICS, Metric
from bench.suite import Suite

LEAST_HEIGHT, LINE = 2.4, 0.125
"""The least height of a panel, and that of an arm's name beside it; inches."""
MARGIN = 0.12
"""Left and right of what is drawn, in parts of its width."""
WIDE = 8.0
"""Times the smallest cache: up to here ticks are round numbers, above it powers of ten and their parts."""


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
    figure = _draw(panels)
    dtypes = ", ".join(dict.fromkeys(clip.dtype for clip in chosen))
    length = f"{positions} positions (99th percentile), {dtypes}"
    set_title(figure, f"{suite.label}: cost against decode cache at {length}; hollow: dominated")
    save_figure(figure, suite.name, results.signature, folder / "frontier")
    return [folder / f"frontier.{suffix}" for suffix in ("svg", "png")]


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


def _draw(panels: Mapping[tuple[str, Metric], Sequence[Trade]]) -> Figure:
    """A row a control, whose arms are named at its right; a column a metric."""
    columns = len({metric for _, metric in panels})
    rows = -(-len(panels) // columns)
    most = max(len(trades) for trades in panels.values())
    height = max(LEAST_HEIGHT, LINE * most + 0.3)
    figure = Figure(figsize=(2.4 + 3.8 * columns, 1.0 + height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for number, (panel, ((control, metric), trades)) in enumerate(zip(axes, panels.items(), strict=True)):
        _draw_trades(panel, metric, trades)
        panel.set_title(f"against {control}", fontsize=8)
        if number % columns == columns - 1:
            _name_arms(panel, trades)
    figure.supxlabel("decode cache of a clip, KiB", fontsize=9)
    return figure


def _draw_trades(panel: Axes, metric: str, trades: Sequence[Trade]) -> None:
    """Arms of the same cache stand side by side, around it."""
    caches = [trade.decode_cache / 1024 for trade in trades]
    low, high = _set_limits(panel, caches)
    panel.axhline(0, color="#888888", linewidth=0.8)
    for number, (trade, cache) in enumerate(zip(trades, side_by_side(caches, (high / low) ** 0.025), strict=True)):
        colour, marker = mark_of(number)
        face, depth, ink = ("white", 2, 0.5) if trade.dominated else (colour, 3, 1.0)
        ends = [trade.cost.low, trade.cost.high]
        panel.plot([cache, cache], ends, color=colour, alpha=ink, linewidth=1.2, zorder=depth)
        panel.plot(cache, trade.cost.value, marker, color=colour, markerfacecolor=face, markersize=6, zorder=depth)
    panel.tick_params(labelsize=7)
    panel.set_ylabel(f"mean cost, points of {metric.upper()}", fontsize=8)
    panel.spines[["top", "right"]].set_visible(False)


def _set_limits(panel: Axes, caches: Sequence[float]) -> tuple[float, float]:
    low, high = min(caches), max(caches)
    wide = high / low > WIDE
    margin = max(high / low, 1.1) ** MARGIN
    panel.set_xscale("log")
    panel.set_xlim(low / margin, high * margin)
    panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if wide else MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    panel.xaxis.set_minor_locator(NullLocator())
    return low / margin, high * margin


def _name_arms(panel: Axes, trades: Sequence[Trade]) -> None:
    """Outside, where they hide no point; filled, for an arm may be dominated by one metric alone."""
    keys = []
    for number, trade in enumerate(trades):
        colour, marker = mark_of(number)
        keys.append(Line2D([], [], color=colour, marker=marker, markersize=5, linestyle="none", label=trade.arm))
    panel.legend(handles=keys, loc="upper left", bbox_to_anchor=(1.01, 1.02), fontsize=6.5, frameon=False)
