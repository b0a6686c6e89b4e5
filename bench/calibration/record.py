"""The calibration as a record: a table of every scenario, rate and method, its settings, and a picture."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from bench.calibration.corpora import EFFECT, SCENARIOS, Scenario
from bench.calibration.methods import METHODS
from bench.calibration.study import Study
from bench.calibration.tables import write_table
from bench.io.files import write_atomically, write_text
from bench.stats import ALPHA

MARKERS = dict(zip(METHODS, "osD^v", strict=True))
COLOURS = dict(zip(METHODS, ("#D55E00", "#999999", "#0072B2", "#009E73", "#CC79A7"), strict=True))
NOMINAL = 1 - ALPHA
LOWEST = 0.825
"""Coverages below are drawn at the edge, with their value."""
SPREAD = 0.13
"""Between the methods of one row, in rows."""


def summarise_scenario(scenario: Scenario, outcomes: pd.DataFrame, truths: Mapping[bool, float]) -> pd.DataFrame:
    """Coverage of the truth, rejections of zero, power and the median width, a row a rate and method."""
    grouped = outcomes.groupby(["rate", "method"], sort=False)
    table = grouped.agg(
        coverage=("covered", "mean"),
        rejects_zero=("rejects_zero", "mean"),
        power=("finds_effect", "mean"),
        width_ratio=("width_ratio", "median"),
    ).reset_index()
    points = table["rate"].map({"raw": 100 * truths[False], "capped": 100 * truths[True]})
    table.insert(0, "scenario", scenario.name)
    table.insert(3, "true_cost_points", points)
    return table


def write_record(study: Study, table: pd.DataFrame, families: Mapping[str, float], folder: Path) -> None:
    """calibration.csv, calibration.json and calibration.png."""
    settings = asdict(study) | {
        "effect_points": 100 * EFFECT,
        "scenarios": [asdict(scenario) for scenario in SCENARIOS],
        "holm_family_wise_error": dict(families),
    }
    write_table(table, folder / "calibration.csv")
    text = json.dumps(settings, indent=2) + "\n"
    write_atomically(folder / "calibration.json", partial(write_text, text))
    figure = draw(study, table)
    write_atomically(folder / "calibration.png", lambda path: figure.savefig(path, format="png", dpi=130))


def draw(study: Study, table: pd.DataFrame) -> Figure:
    """Coverage of the 95 % intervals, a row a scenario, raw beside capped."""
    scenarios = list(dict.fromkeys(table["scenario"]))
    figure = Figure(figsize=(11, 0.5 * len(scenarios) + 1.8), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, rate in zip(panels, ("raw", "capped"), strict=True):
        panel.axvspan(0.935, 0.965, color="#EEEEEE")
        panel.axvline(NOMINAL, color="#666666", linewidth=0.8)
        for number, name in enumerate(METHODS):
            rows = table[(table["rate"] == rate) & (table["method"] == name)]
            height = [scenarios.index(scenario) + SPREAD * (number - 2) for scenario in rows["scenario"]]
            shown = rows["coverage"].clip(lower=LOWEST)
            panel.scatter(shown, height, marker=MARKERS[name], color=COLOURS[name], s=30, label=name)
            for coverage, at in zip(rows["coverage"], height, strict=True):
                if coverage < LOWEST:
                    panel.annotate(
                        f" {coverage:.2f}",
                        (LOWEST, at),
                        fontsize=7,
                        va="center",
                        xytext=(5, 0),
                        textcoords="offset points",
                    )
        panel.set_title(f"{rate} error rate", fontsize=10)
        panel.set_yticks(range(len(scenarios)), scenarios, fontsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].invert_yaxis()
    figure.supxlabel(
        f"share of {study.corpora:,} simulated corpora whose 95 % interval holds the true cost (grey: 93.5 to 96.5 %)",
        fontsize=9,
    )
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(METHODS), fontsize=8)
    return figure
