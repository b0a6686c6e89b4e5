"""Cost over model size, a panel a language: every family with its intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.analysis.size_curves import SizeCurve
from bench.reporting.figures.label_placement import side_by_side
from bench.reporting.figures.size_axes import MILLION, Point, finish, set_limits, steps_of, width_of
from bench.reporting.figures.style import mark_of, set_title
from bench.suite import Suite

PANELS = 4
"""Side by side."""
LEAST_WIDTH, TITLE, KEY, LETTER = 7.0, 3.9, 0.35, 0.072
"""Of the picture, of its title, of a family's mark beside that, and of a letter of its name; inches."""
LEFT, RIGHT, BESIDE = 0.14, 0.86, 0.035
"""In parts of a panel's width: the smallest size, the largest, and between marks of one size."""


def draw_by_language(suite: Suite, curves: Sequence[SizeCurve]) -> Figure | None:
    """None for a single language, whose costs are the medians."""
    languages = [name for name in suite.languages if any(name in curve.points[0].languages for curve in curves)]
    if len(languages) < 2:
        return None
    columns = min(PANELS, len(languages))
    rows = -(-len(languages) // columns)
    numbers = {family: number for number, family in enumerate(dict.fromkeys(curve.family for curve in curves))}
    width = max(LEAST_WIDTH, 1.0 + 2.7 * columns)
    figure = Figure(figsize=(width, 1.1 + 2.0 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, language in zip(axes, languages, strict=False):
        _draw_language(panel, language, [curve for curve in curves if language in curve.points[0].languages], numbers)
    for panel in axes[len(languages) :]:
        panel.set_visible(False)
    key = KEY + LETTER * max(map(len, numbers))
    figure.legend(
        handles=[_key(family, number) for family, number in numbers.items()],
        loc="outside upper right",
        ncols=max(1, int((width - TITLE) / key)),
        fontsize=8,
        frameon=False,
        handletextpad=0.2,
        columnspacing=1.2,
    )
    set_title(figure, f"{suite.label}: cost over model size by language")
    figure.supxlabel("parameters of the control, millions; bars: 95 % intervals", fontsize=9)
    figure.supylabel("converted minus control, points", fontsize=9)
    return figure


def _key(family: str, number: int) -> Line2D:
    colour, marker = mark_of(number)
    return Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=5, label=family)


def _draw_language(panel: Axes, language: str, curves: Sequence[SizeCurve], numbers: Mapping[str, int]) -> None:
    """Families of one size side by side, in their order."""
    arms = [(curve.family, point) for curve in curves for point in curve.points]
    sizes = [point.parameters / MILLION for _, point in arms]
    costs = [point.languages[language] for _, point in arms]
    ends = [value for cost in costs for value in (cost.low, cost.high, cost.value)]
    set_limits(panel, sizes, ends, LEFT, RIGHT)
    places = side_by_side(sizes, width_of(panel, BESIDE))
    panel.axhline(0, color="#888888", linewidth=0.8)
    for family, number in numbers.items():
        points = [(place, arm) for place, (of, arm) in zip(places, arms, strict=True) if of == family]
        _draw_family(panel, language, points, number)
    finish(panel, dict.fromkeys(sizes), f"{language} ({curves[0].metric.upper()})")


def _draw_family(panel: Axes, language: str, points: Sequence[Point], number: int) -> None:
    colour, marker = mark_of(number)
    for ends in steps_of(points):
        costs = [point.languages[language].value for _, point in ends]
        panel.plot([place for place, _ in ends], costs, color=colour, linewidth=0.6, alpha=0.35)
    for place, point in points:
        cost = point.languages[language]
        panel.plot([place, place], [cost.low, cost.high], color=colour, linewidth=1.1)
        panel.plot(place, cost.value, marker, color=colour, markersize=3.8)
