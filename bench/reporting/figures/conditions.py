"""A picture of costs under other conditions than ladders of noise."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.analysis.robustness import MeanCost, mean_costs, names_of
from bench.comparing import Comparison, Results
from bench.reporting.figures.cost_axis import UNDETERMINED, draw_interval, has_large, name_costs, set_cost_axis
from bench.reporting.figures.style import (
    COLOURS,
    MARKERS,
    NAMES,
    columns_of,
    fold,
    make_panels,
    name_panel,
    set_heading,
    styled,
    title_of,
)
from bench.suite import CLEAN, ConditionSpec, Suite

STYLES = {"wer": (COLOURS[1], MARKERS[0], -0.17), "cer": (COLOURS[2], MARKERS[1], 0.17)}
"""Colour, marker, and how far beside the condition's place."""
ROW = 0.3
"""Inches a condition."""


@styled
def draw_conditions(suite: Suite, specs: Sequence[ConditionSpec], results: Results) -> Figure:
    """A panel an arm: under each condition every language's cost as a small dot, their mean with its interval large."""
    arms = [results.of(arm) for arm in suite.arms if arm.control is not None]
    names = [CLEAN, *(name for spec in specs for name in names_of(spec))]
    cells = [[cost for cost in arm.under(*names) if cost.primary] for arm in arms]
    means = [mean_costs(arm, names) for arm in arms]
    figure, panels = make_panels(len(arms), 0.65 + ROW * len(names), sharey=True)
    large = [_is_large(*of_arm) for of_arm in zip(cells, means, strict=True)]
    for place, panel in enumerate(panels):
        set_cost_axis(panel, large[place])
        _draw_dots(panel, names, cells[place])
        _draw_means(panel, names, means[place])
        name_panel(panel, arms[place].id, columns_of(panel))
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    drawn = [mean for of_arm in means for mean in of_arm if mean.languages]
    title = title_of(suite, "cost under other conditions, each arm on an axis of its own")
    set_heading(figure, title, _legend(drawn))
    about = "converted minus control, points; large: mean with its 95 % interval; hollow: floor, not in the mean"
    figure.supxlabel(fold(name_costs(about, any(large)), figure.get_figwidth(), NAMES))
    return figure


def _is_large(costs: Sequence[Comparison], means: Sequence[MeanCost]) -> bool:
    return has_large([*(cost.delta.value for cost in costs), *(end for mean in means for end in mean.cost.interval)])


def _draw_dots(panel: Axes, names: Sequence[str], costs: Sequence[Comparison]) -> None:
    """Floor cells hollow."""
    for metric, (colour, _, offset) in STYLES.items():
        of_metric = [cost for cost in costs if cost.metric == metric]
        places = [names.index(cost.condition) + offset for cost in of_metric]
        faces = ["white" if cost.floor else colour for cost in of_metric]
        values = [cost.delta.value for cost in of_metric]
        panel.scatter(values, places, s=8, facecolors=faces, edgecolors=colour, linewidths=0.6, alpha=0.6)


def _draw_means(panel: Axes, names: Sequence[str], means: Sequence[MeanCost]) -> None:
    for mean in means:
        colour, marker, offset = STYLES[mean.metric]
        if mean.languages:
            place = names.index(mean.condition) + offset
            draw_interval(panel, mean.cost.interval, place, colour)
            panel.plot(mean.cost.value, place, marker, color=colour, markersize=5)


def _legend(drawn: Sequence[MeanCost]) -> list[Line2D]:
    """Of what occurs."""
    metrics = {mean.metric for mean in drawn}
    marks = [
        Line2D([], [], color=colour, marker=marker, markersize=5, label=metric.upper())
        for metric, (colour, marker, _) in STYLES.items()
        if metric in metrics
    ]
    return marks if all(mean.cost.is_determined for mean in drawn) else [*marks, UNDETERMINED]
