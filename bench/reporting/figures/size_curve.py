"""Cost against model size: a picture of every family, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.analysis.published import PublishedClaim
from bench.analysis.size_curves import SizeCurve, size_curves
from bench.comparing import Parameters, Results
from bench.io.files import write_atomically, write_text
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.size_axes import SHADE, is_flat, name_sizes
from bench.reporting.figures.size_languages import draw_by_language
from bench.reporting.figures.size_panel import LANGUAGES, LINE, MEDIAN, PUBLISHED, Look, draw_curve
from bench.reporting.figures.style import BETTER, WIDTH, set_heading, styled, title_of
from bench.reporting.text.cells import csv_head
from bench.scoring import Metric
from bench.suite import Suite

PANELS = 3
"""Side by side."""
LEAST_HEIGHT = 1.9
"""Inches a panel."""
ROOMY = 1.4
"""Times the height that the languages' names take."""
MANY = 12
"""Languages in a panel beyond which only two stand side by side."""
NAMES: dict[Metric, str] = {"wer": "curve", "cer": "curve-cer"}
"""Of the pictures: points of one are no points of the other."""


def write_curve(
    suite: Suite, results: Results, parameters: Parameters, claims: Sequence[PublishedClaim], folder: Path
) -> list[Path]:
    """Writes curve, curve-cer and, of several languages, curve-languages, as .svg and .png, and curve.csv, where the
    suite has families; returns what was written.
    """
    curves = list(size_curves(suite, results, parameters))
    if not curves:
        return []
    published = [claim for claim in claims if claim.statistic == "median cost" and claim.parameters is not None]
    figures: dict[str, Figure | None] = {}
    for metric, name in NAMES.items():
        if of_metric := [curve for curve in curves if curve.metric == metric]:
            figures[name] = draw_curves(suite, of_metric, [] if suite.label == "demo" else published)
    figures["curve-languages"] = draw_by_language(suite, curves)
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


@styled
def draw_curves(suite: Suite, curves: Sequence[SizeCurve], published: Sequence[PublishedClaim]) -> Figure:
    """A panel a family: medians with their band, languages named, published medians hollow.

    Families in which nothing differs are named, not drawn, unless there are no others.
    """
    shown = [curve for curve in curves if not is_flat(curve)] or list(curves)
    most = max(len(curve.points[0].languages) for curve in shown)
    columns = min(PANELS if most <= MANY else PANELS - 1, len(shown))
    rows = -(-len(shown) // columns)
    look = Look(max(LEAST_HEIGHT, ROOMY * LINE * most), suite.languages, published)
    figure = Figure(figsize=(WIDTH, 0.5 + (look.height + 0.65) * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, curve in zip(axes, shown, strict=False):
        draw_curve(panel, curve, look)
    for panel in axes[len(shown) :]:
        panel.set_visible(False)
    keys = _keys(most, published if curves[0].metric == "wer" else ())
    set_heading(figure, title_of(suite, f"cost over model size, points of {curves[0].metric.upper()}"), keys)
    figure.supxlabel(name_sizes([curve.family for curve in curves if curve not in shown]))
    figure.supylabel(f"{BETTER}    cost, points")
    return figure


def _keys(languages: int, published: Sequence[PublishedClaim]) -> list[Line2D | Patch]:
    line: dict[str, Any] = {"linestyle": "-", "linewidth": 1.4, "color": MEDIAN}
    keys: list[Line2D | Patch] = [
        Line2D([], [], marker="o", markersize=3.5, label="median; a dot a training seed", **line),
        Patch(color=MEDIAN, alpha=SHADE, label="95 % interval, of all seeds"),
    ]
    if languages > 1:
        keys.append(Line2D([], [], color=LANGUAGES[0], linewidth=0.7, label="a language"))
    if published:
        hollow = Line2D([], [], color=PUBLISHED, marker="s", markerfacecolor="white", linestyle="none")
        hollow.set_label("published median (languages)")
        keys.append(hollow)
    return keys
