"""Cost against model size: a picture of every family, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.analysis.published import PublishedClaim
from bench.analysis.size_curves import SizeCurve, size_curves
from bench.comparing import Parameters, Results
from bench.io.files import write_atomically, write_text
from bench.reporting.figures.size_languages import draw_by_language
from bench.reporting.figures.size_panel import LANGUAGES, LINE, MEDIAN, PUBLISHED, Look, draw_curve
from bench.reporting.figures.style import save_figure, set_title
from bench.reporting.text.cells import csv_head
from bench.suite import Suite

PANELS = 3
"""Side by side."""
LEAST_WIDTH, LEAST_HEIGHT = 7.0, 2.1
"""Of the picture, which bears title and keys in one line, and of a panel; inches."""
ROOMY = 1.4
"""Times the height that the languages' names take."""
MANY = 12
"""Languages in a panel from which on it is wider."""


def write_curve(
    suite: Suite, results: Results, parameters: Parameters, claims: Sequence[PublishedClaim], folder: Path
) -> list[Path]:
    """Writes curve and, of several languages, curve-languages, as .svg and .png, and curve.csv, where the suite has
    families; returns what was written.
    """
    curves = list(size_curves(suite, results, parameters))
    if not curves:
        return []
    published = [claim for claim in claims if claim.statistic == "median cost" and claim.parameters is not None]
    figures = {
        "curve": _draw_curves(suite, curves, [] if suite.label == "demo" else published),
        "curve-languages": draw_by_language(suite, curves),
    }
    drawn = {name: figure for name, figure in figures.items() if figure is not None}
    for name, figure in drawn.items():
        save_figure(figure, suite.name, results.signature, folder / name)
    rows = [
        {"family": curve.family, "arm": point.arm, "parameters": point.parameters, "metric": curve.metric}
        | {"language": language, "cost": cost.value, "low": cost.low, "high": cost.high}
        for curve in curves
        for point in curve.points
        for language, cost in {"median": point.median, **point.languages}.items()
    ]
    header = csv_head(suite, "costs in points", results)
    content = header + pd.DataFrame(rows).round(4).to_csv(index=False)
    write_atomically(folder / "curve.csv", partial(write_text, content))
    return [folder / "curve.csv", *(folder / f"{name}.{suffix}" for name in drawn for suffix in ("svg", "png"))]


def _draw_curves(suite: Suite, curves: Sequence[SizeCurve], published: Sequence[PublishedClaim]) -> Figure:
    """A panel a family and metric: medians solid with intervals, languages named, published medians hollow."""
    columns = min(PANELS, len(curves))
    rows = -(-len(curves) // columns)
    most = max(len(curve.points[0].languages) for curve in curves)
    look = Look(max(LEAST_HEIGHT, ROOMY * LINE * most), suite.languages, published)
    width = 3.1 if most <= MANY else 4.2
    size = max(LEAST_WIDTH, 1.2 + width * columns), 1.0 + (look.height + 0.65) * rows
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, curve in zip(axes, curves, strict=False):
        draw_curve(panel, curve, look)
    for panel in axes[len(curves) :]:
        panel.set_visible(False)
    close = {"handlelength": 1.4, "columnspacing": 1.2, "handletextpad": 0.5}
    keys = _keys(most, published)
    figure.legend(handles=keys, loc="outside upper right", ncols=3, fontsize=8, frameon=False, **close)
    set_title(figure, f"{suite.label}: cost over model size")
    figure.supxlabel("parameters of the control, millions", fontsize=9)
    figure.supylabel("converted minus control, points", fontsize=9)
    return figure


def _keys(languages: int, published: Sequence[PublishedClaim]) -> list[Line2D]:
    keys = [Line2D([], [], color=MEDIAN, marker="o", linewidth=1.6, label="median, 95 % interval")]
    if languages > 1:
        keys.append(Line2D([], [], color=LANGUAGES[0], marker="s", markersize=3, linewidth=0.7, label="a language"))
    if published:
        hollow = Line2D([], [], color=PUBLISHED, marker="s", markerfacecolor="white", linestyle="none")
        hollow.set_label("published median (languages)")
        keys.append(hollow)
    return keys
