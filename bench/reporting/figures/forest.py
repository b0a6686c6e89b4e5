"""A picture of the table: each language's cost with its interval, one panel an arm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.compare import rows_of
from bench.reporting.figures.cost_axis import (
    UNDETERMINED,
    about_axis,
    draw_interval,
    has_large,
    is_determined,
    set_cost_axis,
)
from bench.reporting.figures.style import GREY, NAMES, columns_of, make_panels, name_panel, save_figure, set_heading
from bench.reporting.text.cells import cell_name, clean_of, primary_of, signature_of
from bench.suite import Suite

Row = dict[str, Any]
ROW = 0.19
"""Inches a language."""
STYLES: dict[str, dict[str, Any]] = {
    "worse ✱": {"color": "#D55E00", "marker": "o"},
    "better ✱": {"color": "#0072B2", "marker": "s"},
    "not marked": {"color": "#444444", "marker": "o", "markerfacecolor": "white"},
    "floor": {"color": GREY, "marker": "x"},
}
"""Told apart by the colour-blind, and by marker and filling as well."""


def write_forest(suite: Suite, comparisons: pd.DataFrame, folder: Path) -> None:
    """Writes cost.svg and cost.png. Does nothing for a suite in which no arm has a control."""
    figure = draw_forest(suite, comparisons)
    if figure is not None:
        save_figure(figure, suite.name, signature_of(comparisons), folder / "cost")


def draw_forest(suite: Suite, comparisons: pd.DataFrame) -> Figure | None:
    """All arms on one axis, the languages of each in the same order."""
    costs = clean_of(comparisons[comparisons["control"].notna()])
    if costs.empty:
        return None
    arms = {arm.id: primary_of(rows_of(costs, arm)) for arm in suite.arms if arm.control is not None}
    rows = [row for of_arm in arms.values() for row in of_arm]
    large = has_large(row[name] for row in rows for name in ("delta", "low", "high"))
    height = 0.65 + ROW * max(len(of_arm) for of_arm in arms.values())
    figure, panels = make_panels(len(arms), height, sharex=True, sharey=True)
    for panel, (arm_id, of_arm) in zip(panels, arms.items(), strict=True):
        set_cost_axis(panel, large)
        _draw(panel, arm_id, of_arm)
    set_heading(figure, f"{suite.label}: cost against the control, 95 % intervals", _legend(rows))
    about = "converted minus control, points of WER (CER where named)"
    figure.supxlabel(about + about_axis(large), fontsize=NAMES)
    return figure


def _draw(panel: Axes, arm_id: str, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        style = STYLES[_kind(row)]
        draw_interval(panel, row["low"], row["high"], place, style["color"])
        panel.plot(row["delta"], place, markersize=5, **style)
    panel.set_yticks(range(len(rows)), [_label(row) for row in rows])
    panel.set_ylim(len(rows) - 0.5, -0.5)
    name_panel(panel, arm_id, columns_of(panel))


def _kind(row: Row) -> str:
    if row["floor"]:
        return "floor"
    if not row["significant"]:
        return "not marked"
    return "worse ✱" if row["delta"] > 0 else "better ✱"


def _legend(rows: Sequence[Row]) -> list[Line2D]:
    """Of what occurs."""
    found = {_kind(row) for row in rows}
    marks = [Line2D([], [], linewidth=1.6, label=kind, **style) for kind, style in STYLES.items() if kind in found]
    everywhere = all(is_determined(row["low"], row["high"]) for row in rows)
    return marks if everywhere else [*marks, UNDETERMINED]


def _label(row: Row) -> str:
    return cell_name(row) + (" (CER)" if row["metric"] == "cer" else "")
