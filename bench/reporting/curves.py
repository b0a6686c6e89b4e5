"""Pictures of robustness: error rates and costs against the signal-to-noise ratio, other conditions as dots."""

from __future__ import annotations

from collections.abc import Collection
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.compare import Tables
from bench.reporting.degraded import degraded_specs, mean_costs, primary_rows
from bench.reporting.pictures import COLOURS, MARKERS, save_figure, set_title
from bench.reporting.rows import rows_of, signature_of
from bench.suite import CLEAN, ArmSpec, ConditionSpec, Suite

UNUSABLE = "white"
"""Face of a floor's marker."""
PANELS = 4
"""Side by side."""


def write_curves(suite: Suite, tables: Tables, folder: Path) -> None:
    """Writes ladder-NAME for each ladder, ladder-cost and conditions, each as SVG and PNG, if there is any to draw."""
    if len(suite.condition_specs) == 1:
        return
    ladders = [spec for spec in degraded_specs(suite) if spec.kind == "noise" and len(spec.rungs or ()) > 1]
    others = [spec for spec in degraded_specs(suite) if spec not in ladders]
    figures = {f"ladder-{spec.name}": _draw_ladder(suite, spec, tables) for spec in ladders}
    converted = any(arm.control for arm in suite.arms)
    if ladders and converted:
        figures["ladder-cost"] = _draw_costs(suite, ladders, tables)
    if others and converted:
        figures["conditions"] = _draw_others(suite, others, tables)
    for name, figure in figures.items():
        save_figure(figure, suite.name, signature_of(tables.comparisons), folder / name)


def _draw_ladder(suite: Suite, spec: ConditionSpec, tables: Tables) -> Figure:
    """A panel a language: every arm's primary rate at each rung with its 95 % band, the clean rate at the right."""
    figure, axes = _panels(len(suite.languages), sharex=True)
    rungs = {condition.name: condition.snr_db for condition in spec.conditions(None)}
    order = sorted(rungs, key=lambda name: rungs[name] or 0)
    places = {name: place for place, name in enumerate([*order, CLEAN])}
    for panel, language in zip(axes, suite.languages, strict=False):
        for number, arm in enumerate(suite.arms):
            rows = rows_of(tables.comparisons, arm)
            rows = rows[(rows["language"] == language) & rows["primary"] & rows["condition"].isin(list(places))]
            _line(panel, rows, places, number, arm.id, _floors(tables, language))
        metric = "CER" if language in suite.scoring.cer_primary else "WER"
        panel.set_title(f"{language} ({metric})", fontsize=9)
        panel.set_ylim(bottom=0)
        _name_rungs(panel, [f"{rungs[name]:g}" for name in order] + [CLEAN])
    _legend(figure, axes[0])
    set_title(figure, f"{suite.label}: error rates in {spec.name} noise, 95 % bands; hollow: floor")
    figure.supxlabel(f"SNR of added noise, dB ({(spec.conditions(None)[0]).level} level)", fontsize=9)
    figure.supylabel("per cent", fontsize=9)
    return figure


def _line(
    panel: Axes, rows: pd.DataFrame, places: dict[str, int], number: int, label: str, floors: Collection[str]
) -> None:
    """Rungs joined, the clean rate apart; hollow where the rate is beyond the floor."""
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    rows = rows.assign(place=rows["condition"].map(places)).sort_values("place")
    rungs, clean = rows[rows["condition"] != CLEAN], rows[rows["condition"] == CLEAN]
    panel.plot(rungs["place"], rungs["rate"], color=colour, marker=marker, markersize=3.5, linewidth=1.2, label=label)
    unusable = rungs[rungs["condition"].isin(floors)]
    panel.plot(unusable["place"], unusable["rate"], marker, color=colour, markerfacecolor=UNUSABLE, markersize=3.5)
    panel.fill_between(rungs["place"], rungs["rate_low"], rungs["rate_high"], color=colour, alpha=0.18, linewidth=0)
    half = [clean["rate"] - clean["rate_low"], clean["rate_high"] - clean["rate"]]
    panel.errorbar(clean["place"], clean["rate"], yerr=half, color=colour, marker=marker, markersize=3.5, linewidth=1)


def _floors(tables: Tables, language: str) -> set[str]:
    """Conditions under which a control is unusable."""
    rows = tables.comparisons
    return set(rows[(rows["language"] == language) & rows["primary"] & rows["floor"].astype(bool)]["condition"])


def _draw_costs(suite: Suite, ladders: list[ConditionSpec], tables: Tables) -> Figure:
    """A panel an arm and metric: the mean cost at each rung, a line a ladder, with 95 % bands; floor cells left out."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    metrics = list(dict.fromkeys(row["metric"] for arm in arms for row in mean_costs(arm, [CLEAN], tables)))
    figure, axes = _panels(len(arms) * len(metrics), sharex=True)
    values = sorted({rung for spec in ladders for rung in spec.rungs or ()})
    places = {rung: place for place, rung in enumerate(values)}
    panels = [(arm, metric) for metric in metrics for arm in arms]
    for panel, (arm, metric) in zip(axes, panels, strict=False):
        for number, spec in enumerate(ladders):
            rungs = {condition.name: places[condition.snr_db or 0] for condition in spec.conditions(None)}
            rows = pd.DataFrame([row for row in mean_costs(arm, list(rungs), tables) if row["metric"] == metric])
            rows = rows.assign(place=rows["condition"].map(rungs)).sort_values("place")
            colour, marker = COLOURS[1 + number % (len(COLOURS) - 1)], MARKERS[number % len(MARKERS)]
            panel.plot(rows["place"], rows["cost"], color=colour, marker=marker, markersize=3.5, label=spec.name)
            panel.fill_between(rows["place"], rows["low"], rows["high"], color=colour, alpha=0.13, linewidth=0)
        (clean,) = [row for row in mean_costs(arm, [CLEAN], tables) if row["metric"] == metric]
        half = [[clean["cost"] - clean["low"]], [clean["high"] - clean["cost"]]]
        panel.errorbar(len(values), clean["cost"], yerr=half, color=COLOURS[0], marker="o", markersize=3.5)
        panel.axhline(0, color="#888888", linewidth=0.8)
        panel.set_title(f"{arm.id}: {metric.upper()}, mean of {len(clean['languages'])}", fontsize=9)
        _name_rungs(panel, [f"{value:g}" for value in values] + [CLEAN])
    _legend(figure, axes[0])
    set_title(figure, f"{suite.label}: mean cost against the control in noise, 95 % bands, floor cells left out")
    figure.supxlabel("SNR of added noise, dB", fontsize=9)
    figure.supylabel("converted minus control, points", fontsize=9)
    return figure


def _draw_others(suite: Suite, specs: list[ConditionSpec], tables: Tables) -> Figure:
    """A panel an arm: under each condition every language's cost as a small dot, their mean with its interval large."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    names = [CLEAN, *(condition.name for spec in specs for condition in spec.conditions(None))]
    figure = Figure(figsize=(2.2 + 2.9 * len(arms), 1.5 + 0.34 * len(names)), layout="constrained")
    axes = figure.subplots(1, len(arms), sharey=True, squeeze=False).ravel()
    for panel, arm in zip(axes, arms, strict=True):
        _draw_dots(panel, arm, names, tables)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    _legend(figure, axes[0])
    set_title(figure, f"{suite.label}: cost under other conditions")
    figure.supxlabel(
        "converted minus control, points; large: mean with its 95 % interval; hollow: floor, not in the mean",
        fontsize=9,
    )
    return figure


def _draw_dots(panel: Axes, arm: ArmSpec, names: list[str], tables: Tables) -> None:
    """Floor cells hollow, and not in the mean."""
    places = {name: place for place, name in enumerate(names)}
    panel.axvline(0, color="#888888", linewidth=0.8)
    for number, metric in enumerate(("wer", "cer")):
        colour, offset = COLOURS[1 + number], 0.16 * (2 * number - 1)
        cells = primary_rows(tables.comparisons, arm, names)
        cells = cells[cells["metric"] == metric]
        at = cells["condition"].map(places).astype(float) + offset
        face = [UNUSABLE if floor else colour for floor in cells["floor"]]
        panel.scatter(cells["delta"], at, s=7, facecolors=face, edgecolors=colour, linewidths=0.6, alpha=0.6)
        label = metric.upper() if len(cells) else None
        for row in mean_costs(arm, names, tables):
            if row["metric"] == metric:
                place = places[row["condition"]] + offset
                panel.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=1.6)
                panel.plot(row["cost"], place, MARKERS[number], color=colour, markersize=5, label=label)
                label = None
    panel.set_title(arm.id, fontsize=10)
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)


def _panels(count: int, sharex: bool) -> tuple[Figure, np.typing.NDArray[Any]]:
    columns = min(count, PANELS)
    rows = ceil(count / columns)
    figure = Figure(figsize=(1.4 + 2.5 * columns, 1.3 + 1.9 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=sharex, squeeze=False).ravel()
    for panel in axes[count:]:
        panel.set_visible(False)
    for panel in axes[:count]:
        panel.tick_params(labelsize=7, labelbottom=True)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _name_rungs(panel: Axes, names: list[str]) -> None:
    panel.set_xticks(range(len(names)), names)


def _legend(figure: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=6, fontsize=8, frameon=False)
