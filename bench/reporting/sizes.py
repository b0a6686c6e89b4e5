"""Cost against model size, and against the decode cache that it buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from bench.compare import Parameters, SizeCurve, Tables, Trade, size_curves, trades_of
from bench.files import write_atomically, write_text
from bench.memory import MemoryRecords
from bench.memory.headlines import clip_bytes
from bench.published import PublishedClaim
from bench.reporting.format import interval, signed
from bench.reporting.pictures import COLOURS, MARKERS, save_figure, set_title
from bench.reporting.rows import signature_of
from bench.suite import Suite

PANELS = 3
"""Side by side."""
METRICS = ("wer", "cer")
GREY = "#AAAAAA"
MILLION = 1e6


def write_curve(
    suite: Suite, tables: Tables, parameters: Parameters, claims: Sequence[PublishedClaim], folder: Path
) -> list[Path]:
    """Writes curve.svg, .png and .csv where the suite has families; returns what was written."""
    curves = list(size_curves(suite, tables, parameters))
    if not curves:
        return []
    published = [] if suite.label == "demo" else [claim for claim in claims if claim.statistic == "median cost"]
    save_figure(_draw_curves(suite, curves, published), suite.name, signature_of(tables.comparisons), folder / "curve")
    rows = [
        {"family": curve.family, "arm": point.arm, "parameters": point.parameters, "metric": curve.metric}
        | {"language": language, "cost": each.value, "low": each.low, "high": each.high}
        for curve in curves
        for point in curve.points
        for language, each in {"median": point.median, **point.languages}.items()
    ]
    header = f"# {suite.label}; costs in points; {signature_of(tables.comparisons)}\n"
    content = header + pd.DataFrame(rows).round(4).to_csv(index=False)
    write_atomically(folder / "curve.csv", partial(write_text, content))
    return [folder / f"curve.{suffix}" for suffix in ("svg", "png", "csv")]


def _draw_curves(suite: Suite, curves: Sequence[SizeCurve], published: Sequence[PublishedClaim]) -> Figure:
    """A panel a family and metric: medians solid with intervals, languages as faint dots, published medians hollow."""
    columns = min(PANELS, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(1.2 + 3.1 * columns, 1.1 + 2.3 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, curve in zip(axes, curves, strict=False):
        _draw_curve(panel, curve, published)
    for panel in axes[len(curves) :]:
        panel.set_visible(False)
    hollow = "; hollow: published" if published else ""
    set_title(figure, f"{suite.label}: cost over model size; median with 95 % interval, dots: languages{hollow}")
    figure.supxlabel("parameters of the control, millions", fontsize=9)
    figure.supylabel("converted minus control, points", fontsize=9)
    return figure


def _draw_curve(panel: Axes, curve: SizeCurve, published: Sequence[PublishedClaim]) -> None:
    panel.axhline(0, color="#888888", linewidth=0.8)
    for point in curve.points:
        size, median = point.parameters / MILLION, point.median
        costs = [each.value for each in point.languages.values()]
        panel.plot([size] * len(costs), costs, "o", color=COLOURS[1], alpha=0.25, markersize=3)
        panel.plot([size, size], [median.low, median.high], color=COLOURS[0], linewidth=1.6)
        panel.plot(size, median.value, "o", color=COLOURS[0], markersize=5.5)
    for claim in published if curve.metric == "wer" else ():
        if claim.parameters is not None:
            panel.plot(claim.parameters / MILLION, claim.value, "s", markerfacecolor="none", color=COLOURS[2])
    slope = curve.slope
    told = f"\n{signed(slope.value)} {interval(slope.low, slope.high)} a doubling" if slope else ""
    panel.set_title(f"{curve.family}, {curve.metric.upper()} ({len(curve.points[0].languages)}){told}", fontsize=8)
    panel.set_xscale("log")
    sizes = sorted({point.parameters / MILLION for point in curve.points})
    panel.set_xticks(sizes, [f"{size:.3g}" for size in sizes])
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.tick_params(labelsize=7)
    panel.spines[["top", "right"]].set_visible(False)


def write_frontier(suite: Suite, tables: Tables, memory: MemoryRecords | None, folder: Path) -> list[Path]:
    """Writes frontier.svg and .png where memory was measured after a run; returns what was written."""
    if memory is None or memory.transcripts is None:
        return []
    positions = memory.transcripts.longest
    caches = {clip.arm: clip.decode_cache(positions) for clip in clip_bytes(memory.table)}
    panels = _panels(suite, {metric: trades_of(suite, tables, caches, metric) for metric in METRICS})
    if not panels:
        return []
    columns = len({metric for _, metric in panels})
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(1.2 + 4.4 * columns, 1.0 + 3.0 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, ((control, metric), trades) in zip(axes, panels.items(), strict=True):
        _draw_trades(panel, metric, trades)
        panel.set_title(f"against {control}", fontsize=8)
    length = f"{positions} positions (99th percentile)"
    set_title(figure, f"{suite.label}: cost against decode cache at {length}; grey: dominated")
    figure.supxlabel("decode cache of a clip, KiB", fontsize=9)
    save_figure(figure, suite.name, signature_of(tables.comparisons), folder / "frontier")
    return [folder / f"frontier.{suffix}" for suffix in ("svg", "png")]


def _panels(suite: Suite, trades: Mapping[str, Sequence[Trade]]) -> dict[tuple[str, str], list[Trade]]:
    """By control (of all training seeds) and metric, where anything is held against it."""
    names = {arm.id: arm.control or arm.name for arm in suite.arms}
    panels: dict[tuple[str, str], list[Trade]] = {}
    for control in dict.fromkeys(names.values()):
        for metric, of_metric in trades.items():
            group = [trade for trade in of_metric if names[trade.arm] == control]
            if any(trade.control for trade in group):
                panels[control, metric] = group
    return panels


def _draw_trades(panel: Axes, metric: str, trades: Sequence[Trade]) -> None:
    panel.axhline(0, color="#888888", linewidth=0.8)
    for number, trade in enumerate(trades):
        colour = GREY if trade.dominated else COLOURS[number % len(COLOURS)]
        size, marker = trade.decode_cache / 1024, MARKERS[number % len(MARKERS)]
        panel.plot([size, size], [trade.cost.low, trade.cost.high], color=colour, linewidth=1.2)
        panel.plot(size, trade.cost.value, marker, color=colour, markersize=6, linestyle="none", label=trade.arm)
    panel.legend(fontsize=6, frameon=False, loc="best")
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    panel.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    panel.tick_params(labelsize=7, which="both")
    panel.margins(x=0.15)
    panel.set_ylabel(f"mean cost, points of {metric.upper()}", fontsize=8)
    panel.spines[["top", "right"]].set_visible(False)
