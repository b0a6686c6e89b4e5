"""A picture of the table: each language's cost with its interval, one panel an arm."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.frames import records
from bench.reporting.pictures import save_figure
from bench.reporting.rows import cell_name, clean_of, rows_of, signature_of
from bench.suite import Suite

WORSE, BETTER, UNDECIDED, FLOOR = "#D55E00", "#0072B2", "#444444", "#AAAAAA"
"""Told apart by the colour-blind, and by the marker as well."""
PANELS = 6
"""Arms side by side."""


def write_forest(suite: Suite, comparisons: pd.DataFrame, folder: Path) -> None:
    """Writes cost.svg and cost.png. Does nothing for a suite in which no arm has a control."""
    costs = clean_of(comparisons[comparisons["control"].notna() & comparisons["primary"]])
    if costs.empty:
        return
    arms = [(arm.id, records(rows_of(costs, arm))) for arm in suite.arms if arm.control is not None]
    columns = min(len(arms), PANELS)
    rows_of_panels = -(-len(arms) // columns)
    height = (1.4 + 0.28 * max(len(rows) for _, rows in arms)) * rows_of_panels
    figure = Figure(figsize=(3.2 + 2.6 * columns, height), layout="constrained")
    axes = figure.subplots(rows_of_panels, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, (arm_id, rows) in zip(axes, arms, strict=False):
        _draw(panel, arm_id, rows)
    for panel in axes[len(arms) :]:
        panel.set_visible(False)
    figure.suptitle(f"{suite.label}: cost against the control, 95 % intervals", fontsize=10)
    figure.supxlabel("converted minus control, points of WER (CER where named); filled: marked ✱", fontsize=9)
    save_figure(figure, suite.name, signature_of(costs), folder / "cost")


def _draw(panel: Axes, arm_id: str, rows: list[dict[str, Any]]) -> None:
    panel.axvline(0, color="#888888", linewidth=0.8)
    for position, row in enumerate(rows):
        colour, marker, face = _style(row)
        if math.isfinite(row["low"] + row["high"]):
            panel.plot([row["low"], row["high"]], [position, position], color=colour, linewidth=1.6)
        panel.plot(row["delta"], position, marker=marker, color=colour, markerfacecolor=face, markersize=6)
    labels = [_label(row) for row in rows]
    panel.set_yticks(range(len(rows)), labels)
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_title(arm_id, fontsize=10)
    panel.tick_params(labelsize=9)
    panel.spines[["top", "right"]].set_visible(False)


def _style(row: dict[str, Any]) -> tuple[str, str, str]:
    """Colour, marker and fill: filled where the cost is significant, hollow where it is not, a cross on a floor."""
    if row["floor"]:
        return FLOOR, "x", FLOOR
    if not row["significant"]:
        return UNDECIDED, "o", "white"
    colour = WORSE if row["delta"] > 0 else BETTER
    return colour, "o", colour


def _label(row: dict[str, Any]) -> str:
    return cell_name(row) + (" (CER)" if row["metric"] == "cer" else "")
