"""A picture of the table: each language's cost with its interval, one panel an arm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.comparing import Comparison, Results
from bench.reporting.figures.cost_axis import (
    BOUND,
    UNDETERMINED,
    draw_interval,
    has_large,
    name_costs,
    set_cost_axis,
    widen,
)
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import (
    GREY,
    columns_of,
    make_panels,
    name_panel,
    set_heading,
    styled,
    title_of,
)
from bench.reporting.text.cells import cell_name
from bench.suite import Suite

ROW, SHORTEST = 0.19, 1.4
"""Inches a language, and the least of a panel: less does not hold heading, axis and label."""
STYLES: dict[str, dict[str, Any]] = {
    "worse ✱": {"color": "#D55E00", "marker": "o"},
    "better ✱": {"color": "#0072B2", "marker": "s"},
    "not marked": {"color": "#444444", "marker": "o", "markerfacecolor": "white"},
    "floor": {"color": GREY, "marker": "x"},
}
"""Told apart by the colour-blind, and by marker and filling as well."""


def write_forest(suite: Suite, results: Results, folder: Path, name: str = "cost.png") -> None:
    """Writes cost.png, or another `name`, and the same as .svg; nothing for a suite in which no arm has a control."""
    figure = draw_forest(suite, results)
    if figure is not None:
        save_figure(figure, suite.name, results.signature, folder / name)


@styled
def draw_forest(suite: Suite, results: Results) -> Figure | None:
    """All arms on one axis, the languages of each in the same order."""
    arms = {arm.id: results.of(arm).clean.primary for arm in suite.arms if arm.control is not None}
    if not arms:
        return None
    costs = [cost for of_arm in arms.values() for cost in of_arm]
    large = has_large(end for cost in costs for end in (cost.delta.value, *cost.interval))
    height = max(SHORTEST, 0.65 + ROW * max(len(of_arm) for of_arm in arms.values()))
    figure, panels = make_panels(len(arms), height, sharex=True, sharey=True)
    for panel, (arm_id, of_arm) in zip(panels, arms.items(), strict=True):
        set_cost_axis(panel, large)
        _draw(panel, arm_id, of_arm)
    widen(panels[0])  # whose axis all share
    set_heading(figure, title_of(suite, "cost against the control, 95 % intervals"), _legend(costs))
    figure.supxlabel(name_costs("converted minus control, points of WER (CER where named)", large))
    return figure


def _draw(panel: Axes, arm_id: str, costs: Sequence[Comparison]) -> None:
    for place, cost in enumerate(costs):
        style = STYLES[_kind(cost)]
        draw_interval(panel, cost.interval, place, style["color"], cost.is_resampled)
        panel.plot(cost.delta.value, place, markersize=5, **style)
    panel.set_yticks(range(len(costs)), [_label(cost) for cost in costs])
    panel.set_ylim(len(costs) - 0.5, -0.5)
    name_panel(panel, arm_id, columns_of(panel))


def _kind(cost: Comparison) -> str:
    if cost.floor:
        return "floor"
    if not cost.verdict.significant:
        return "not marked"
    return "worse ✱" if cost.delta.value > 0 else "better ✱"


def _legend(costs: Sequence[Comparison]) -> list[Line2D]:
    """Of what occurs."""
    kinds = {_kind(cost) for cost in costs}
    marks = [Line2D([], [], linewidth=1.6, label=kind, **style) for kind, style in STYLES.items() if kind in kinds]
    if any(cost.interval.is_determined and not cost.is_resampled for cost in costs):
        marks.append(BOUND)
    return marks if all(cost.interval.is_determined for cost in costs) else [*marks, UNDETERMINED]


def _label(cost: Comparison) -> str:
    return cell_name(cost) + (" (CER)" if cost.metric == "cer" else "")
