"""Cost over model size, a panel a language: every family with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.analysis.size_curves import SizeCurve
from bench.reporting.figures.size_axes import Band, band_of, draw_band, finish, is_flat, name_sizes, set_limits
from bench.reporting.figures.style import BETTER, WIDTH, mark_of, set_heading, styled, title_of
from bench.suite import Suite

PANELS = 4
"""Side by side."""
HEIGHT = 1.55
"""Inches a panel."""
LEFT, RIGHT = 0.08, 0.92
"""In parts of a panel's width: the smallest size, and the largest."""


@styled
def draw_by_language(suite: Suite, curves: Sequence[SizeCurve]) -> Figure | None:
    """Languages by words first; None for a single one, whose costs are the medians.

    Families in which nothing differs in any language are named, not drawn, unless there are no others.
    """
    languages = list(dict.fromkeys(name for curve in curves for name in curve.points[0].languages))
    if len(languages) < 2:
        return None
    families = list(dict.fromkeys(curve.family for curve in curves))
    changing = {curve.family for curve in curves if not is_flat(curve)} or set(families)
    numbers = {family: place for place, family in enumerate(families) if family in changing}
    columns = min(PANELS, len(languages))
    rows = -(-len(languages) // columns)
    figure = Figure(figsize=(WIDTH, 0.4 + HEIGHT * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, language in zip(axes, languages, strict=False):
        of_language = [curve for curve in curves if curve.family in numbers and language in curve.points[0].languages]
        _draw_language(panel, language, of_language, numbers)
    for panel in axes[len(languages) :]:
        panel.set_visible(False)
    title = title_of(suite, "cost over model size by language, 95 % bands, a dot a training seed")
    set_heading(figure, title, [_key(family, place) for family, place in numbers.items()])
    figure.supxlabel(name_sizes([family for family in families if family not in numbers]))
    figure.supylabel(f"{BETTER}    cost, points")
    return figure


def _key(family: str, place: int) -> Line2D:
    colour, marker = mark_of(place)
    return Line2D([], [], color=colour, marker=marker, markersize=3.5, label=family)


def _draw_language(panel: Axes, language: str, curves: Sequence[SizeCurve], numbers: Mapping[str, int]) -> None:
    bands = {curve.family: _band(curve, language) for curve in curves}
    sizes = list(dict.fromkeys(size for band in bands.values() for size in band.sizes))
    set_limits(panel, sizes, [end for band in bands.values() for end in band.ends], LEFT, RIGHT)
    for family, band in bands.items():
        draw_band(panel, band, *mark_of(numbers[family]))
    finish(panel, sizes, f"{language} ({curves[0].metric.upper()})")


def _band(curve: SizeCurve, language: str) -> Band:
    return band_of(curve.points, lambda point: point.languages[language])
