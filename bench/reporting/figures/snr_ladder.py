"""Pictures of robustness: error rates and mean costs against the signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.compare import Tables, rows_of
from bench.reporting.degraded import degraded_specs, mean_costs
from bench.reporting.figures.conditions import draw_conditions
from bench.reporting.figures.style import (
    COLOURS,
    GREY,
    NAMES,
    columns_of,
    known,
    make_panels,
    name_panel,
    save_figure,
    set_heading,
    style_of,
)
from bench.reporting.text.cells import signature_of
from bench.suite import CLEAN, ConditionSpec, Suite

Places = Mapping[str, float]
"""Where on the axis a condition stands."""
HEIGHT = 1.65
"""Inches a panel."""
APART = 0.3
"""How far the clean point is from the last rung, of what that is from the first: its name takes room."""
SHADED = 7
"""Lines in a panel up to which each has its band; more would be one grey."""
LABELS = 9
"""Rungs that are named at most."""


def write_curves(suite: Suite, tables: Tables, folder: Path) -> None:
    """Writes ladder-NAME for each ladder, ladder-cost and conditions, each as SVG and PNG, if there is any to draw."""
    for name, figure in draw_curves(suite, tables).items():
        save_figure(figure, suite.name, signature_of(tables.comparisons), folder / name)


def draw_curves(suite: Suite, tables: Tables) -> dict[str, Figure]:
    """By file name; costs only where an arm is converted."""
    ladders = [spec for spec in degraded_specs(suite) if spec.kind == "noise" and len(spec.rungs or ()) > 1]
    others = [spec for spec in degraded_specs(suite) if spec not in ladders]
    figures = {f"ladder-{spec.name}": _draw_ladder(suite, spec, tables) for spec in ladders}
    converted = any(arm.control for arm in suite.arms)
    if ladders and converted:
        figures["ladder-cost"] = _draw_costs(suite, ladders, tables)
    if others and converted:
        figures["conditions"] = draw_conditions(suite, others, tables)
    return figures


def _draw_ladder(suite: Suite, spec: ConditionSpec, tables: Tables) -> Figure:
    """A panel a language: every arm's primary rate at each rung with its 95 % band, the clean rate at the right."""
    figure, panels = make_panels(len(suite.languages), HEIGHT)
    rungs = {condition.name: condition.snr_db or 0 for condition in spec.conditions(None)}
    order = sorted(rungs, key=lambda name: rungs[name])
    places = {name: float(place) for place, name in enumerate(order)} | {CLEAN: _clean_place(len(order))}
    shaded = len(suite.arms) <= SHADED
    for panel, language in zip(panels, suite.languages, strict=True):
        of_language = tables.comparisons[tables.comparisons["language"] == language]
        floors = set(of_language[of_language["primary"] & of_language["floor"].astype(bool)]["condition"])
        for number, arm in enumerate(suite.arms):
            rows = rows_of(of_language, arm)
            rows = rows[rows["primary"] & rows["condition"].isin(list(places))]
            _draw_rates(panel, rows, places, number, floors, shaded)
        metric = "CER" if language in suite.scoring.cer_primary else "WER"
        name_panel(panel, f"{language} ({metric})", columns_of(panel))
        panel.set_ylim(bottom=0)
        _name_places(panel, [rungs[name] for name in order], places[CLEAN])
    bands = "95 % bands" if shaded else "without bands, which would hide one another"
    marks = [Line2D([], [], label=arm.id, **style_of(number)) for number, arm in enumerate(suite.arms)]
    set_heading(figure, f"{suite.label}: error rates in {spec.name} noise, {bands}; hollow: floor", marks)
    figure.supxlabel(f"SNR of added noise, dB ({spec.conditions(None)[0].level} level)", fontsize=NAMES)
    figure.supylabel("per cent", fontsize=NAMES)
    return figure


def _draw_rates(
    panel: Axes, rows: pd.DataFrame, places: Places, number: int, floors: Collection[str], shaded: bool
) -> None:
    """Rungs joined, the clean rate apart; hollow where the rate is beyond the floor."""
    style = style_of(number)
    rows = rows.assign(place=rows["condition"].map(dict(places))).sort_values("place")
    rungs, clean = rows[rows["condition"] != CLEAN], rows[rows["condition"] == CLEAN]
    panel.plot(rungs["place"], rungs["rate"], linewidth=1.2, **style)
    unusable = rungs[rungs["condition"].isin(list(floors))]
    panel.plot(unusable["place"], unusable["rate"], **(style | {"linestyle": "none", "markerfacecolor": "white"}))
    panel.plot(clean["place"], clean["rate"], **(style | {"linestyle": "none"}))
    if shaded:
        low, high = known(rungs["rate_low"]), known(rungs["rate_high"])
        panel.fill_between(rungs["place"], low, high, color=style["color"], alpha=0.18, linewidth=0)
        panel.vlines(clean["place"], known(clean["rate_low"]), known(clean["rate_high"]), color=style["color"])


def _draw_costs(suite: Suite, ladders: Sequence[ConditionSpec], tables: Tables) -> Figure:
    """A panel an arm and metric: the mean cost at each rung, a line a ladder, with 95 % bands; floor cells left out."""
    rungs = {spec.name: {each.name: each.snr_db or 0 for each in spec.conditions(None)} for spec in ladders}
    values = sorted({rung for names in rungs.values() for rung in names.values()})
    clean_place = _clean_place(len(values))
    places = {name: float(values.index(rung)) for names in rungs.values() for name, rung in names.items()}
    of_arms = {arm.id: mean_costs(arm, [CLEAN, *places], tables) for arm in suite.arms if arm.control is not None}
    metrics = dict.fromkeys(row["metric"] for rows in of_arms.values() for row in rows if row["condition"] == CLEAN)
    cells = [(arm_id, metric) for metric in metrics for arm_id in of_arms]
    figure, panels = make_panels(len(cells), HEIGHT + 0.25)
    for panel, (arm_id, metric) in zip(panels, cells, strict=True):
        means = {row["condition"]: row for row in of_arms[arm_id] if row["metric"] == metric}
        for number, names in enumerate(rungs.values()):
            _draw_means(panel, [means[name] for name in names if name in means], places, 1 + number)
        clean = means[CLEAN]
        panel.plot(clean_place, clean["cost"], "o", color=COLOURS[0], markersize=3.5)
        panel.vlines([clean_place], known([clean["low"]]), known([clean["high"]]), color=COLOURS[0])
        panel.axhline(0, color=GREY, linewidth=0.8)
        name_panel(panel, f"{arm_id}\n{metric.upper()}, mean of {len(clean['languages'])}", columns_of(panel))
        _name_places(panel, values, clean_place)
    marks = [Line2D([], [], label=spec.name, **style_of(1 + number)) for number, spec in enumerate(ladders)]
    title = f"{suite.label}: mean cost against the control in noise, 95 % bands, floor cells left out"
    set_heading(figure, title, marks)
    figure.supxlabel("SNR of added noise, dB; cost: converted minus control", fontsize=NAMES)
    figure.supylabel("cost, points", fontsize=NAMES)
    return figure


def _draw_means(panel: Axes, means: Sequence[dict[str, Any]], places: Places, number: int) -> None:
    style, means = style_of(number), sorted(means, key=lambda row: places[row["condition"]])
    at = [places[row["condition"]] for row in means]
    panel.plot(at, [row["cost"] for row in means], linewidth=1.2, **style)
    low, high = (known(row[name] for row in means) for name in ("low", "high"))
    panel.fill_between(at, low, high, color=style["color"], alpha=0.13, linewidth=0)


def _clean_place(rungs: int) -> float:
    return rungs - 1 + max(1.0, APART * (rungs - 1))


def _name_places(panel: Axes, rungs: Sequence[float], clean: float) -> None:
    """Rungs in decibels, some of them where there are many, and the clean point."""
    step = -(-len(rungs) // LABELS)
    named = range(len(rungs) - 1, -1, -step)
    panel.set_xticks([*named, clean], [*(f"{rungs[place]:g}" for place in named), CLEAN])
    panel.set_xlim(-0.5, clean + 0.5)
