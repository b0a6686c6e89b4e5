"""A picture of costs under other conditions than ladders of noise."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.compare import Tables
from bench.frames import records
from bench.reporting.degraded import Row, mean_costs, names_of, primary_rows
from bench.reporting.figures.cost_axis import (
    UNDETERMINED,
    about_axis,
    draw_interval,
    has_large,
    is_determined,
    set_cost_axis,
)
from bench.reporting.figures.style import (
    COLOURS,
    MARKERS,
    NAMES,
    columns_of,
    fold,
    make_panels,
    name_panel,
    set_heading,
)
from bench.suite import CLEAN, ConditionSpec, Suite

STYLES = {"wer": (COLOURS[1], MARKERS[0], -0.17), "cer": (COLOURS[2], MARKERS[1], 0.17)}
"""Colour, marker, and how far beside the condition's place."""
ROW = 0.3
"""Inches a condition."""


def draw_conditions(suite: Suite, specs: Sequence[ConditionSpec], tables: Tables) -> Figure:
    """A panel an arm: under each condition every language's cost as a small dot, their mean with its interval large."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    names = [CLEAN, *(name for spec in specs for name in names_of(spec))]
    cells = [records(primary_rows(tables.comparisons, arm, names)) for arm in arms]
    means = [mean_costs(arm, names, tables) for arm in arms]
    figure, panels = make_panels(len(arms), 0.65 + ROW * len(names), sharey=True)
    large = [_is_large(*each) for each in zip(cells, means, strict=True)]
    for place, panel in enumerate(panels):
        set_cost_axis(panel, large[place])
        _draw_dots(panel, names, cells[place], means[place])
        name_panel(panel, arms[place].id, columns_of(panel))
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    set_heading(figure, f"{suite.label}: cost under other conditions, each arm on an axis of its own", _legend(means))
    about = "converted minus control, points; large: mean with its 95 % interval; hollow: floor, not in the mean"
    figure.supxlabel(fold(about + about_axis(any(large)), figure.get_figwidth(), NAMES), fontsize=NAMES)
    return figure


def _is_large(cells: Sequence[Row], means: Sequence[Row]) -> bool:
    return has_large([*(row["delta"] for row in cells), *(row[end] for row in means for end in ("low", "high"))])


def _draw_dots(panel: Axes, names: Sequence[str], cells: Sequence[Row], means: Sequence[Row]) -> None:
    """Floor cells hollow, and not in the mean."""
    for metric, (colour, _, offset) in STYLES.items():
        of_metric = [row for row in cells if row["metric"] == metric]
        places = [names.index(row["condition"]) + offset for row in of_metric]
        faces = ["white" if row["floor"] else colour for row in of_metric]
        costs = [row["delta"] for row in of_metric]
        panel.scatter(costs, places, s=8, facecolors=faces, edgecolors=colour, linewidths=0.6, alpha=0.6)
    for row in means:
        colour, marker, offset = STYLES[row["metric"]]
        if row["languages"]:
            place = names.index(row["condition"]) + offset
            draw_interval(panel, row["low"], row["high"], place, colour)
            panel.plot(row["cost"], place, marker, color=colour, markersize=5)


def _legend(means: Sequence[Sequence[Row]]) -> list[Line2D]:
    """Of what occurs."""
    drawn = [row for of_arm in means for row in of_arm if row["languages"]]
    found = {row["metric"] for row in drawn}
    marks = [
        Line2D([], [], color=colour, marker=marker, markersize=5, label=metric.upper())
        for metric, (colour, marker, _) in STYLES.items()
        if metric in found
    ]
    everywhere = all(is_determined(row["low"], row["high"]) for row in drawn)
    return marks if everywhere else [*marks, UNDETERMINED]
