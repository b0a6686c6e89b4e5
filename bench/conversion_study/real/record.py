"""Pictures of what conversions do to real Whispers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = {"paper": "#D55E00", "svd": "#999999", "even": "#0072B2", "allocated": "#009E73"}
MARKERS = dict(zip(COLOURS, "sDo^", strict=True))
FORMS = {"stock": "#444444", "exact": "#E69F00", "shared": "#0072B2", "least": "#009E73"}
FLOOR = 1e-6
"""Nats a token: what is less is drawn here."""
MIB = 2**20
LARGEST = 800
"""Points of cost that are drawn."""


def draw_divergences(table: pd.DataFrame) -> Figure:
    """A row a model: against the cut of self-attention's cache, and against the bytes of the whole decode cache."""
    models = list(dict.fromkeys(table["model"]))
    figure = Figure(figsize=(10, 3.6 * len(models)), layout="constrained")
    panels = figure.subplots(len(models), 2, squeeze=False)
    for (left, right), model in zip(panels, models, strict=True):
        rows = table[table["model"] == model]
        _draw_cuts(left, rows[rows["kv"] == "float32"])
        _draw_bytes(right, rows)
        left.set_title(f"{model}: self-attention's cache cut", fontsize=10)
        right.set_title(f"{model}: the whole decode cache at {rows['tokens'].iloc[0]} positions", fontsize=10)
        for panel in (left, right):
            panel.set_yscale("log")
            panel.set_ylabel("divergence, nats a token", fontsize=8)
            panel.tick_params(labelsize=8)
            panel.grid(axis="y", color="#EEEEEE")
            panel.spines[["top", "right"]].set_visible(False)
            panel.legend(fontsize=7, frameon=False)
    return figure


def _draw_cuts(panel: Axes, rows: pd.DataFrame) -> None:
    kinds = rows["conversion"].str.rsplit("-", n=1, expand=True)
    for kind, colour in COLOURS.items():
        of_kind = rows[kinds[0] == kind]
        cuts = of_kind["conversion"].str.rsplit("-", n=1).str[1].astype(float)
        drawn = pd.DataFrame({"cut": cuts, "nats": of_kind["divergence"]}).sort_values("cut")
        panel.plot(drawn["cut"], drawn["nats"], color=colour, marker=MARKERS[kind], markersize=5, label=kind)
    panel.set_xticks([62.5, 75, 87.5, 93.75], ["62.5 %", "75 %", "87.5 %", "93.75 %"])


def _draw_bytes(panel: Axes, rows: pd.DataFrame) -> None:
    for form, colour in FORMS.items():
        of_form = rows[rows["conversion"].str.split("-").str[0] == form]
        for kv, fill in (("float32", "full"), ("int8", "none")):
            drawn = of_form[of_form["kv"] == kv].sort_values("bytes")
            nats = drawn["divergence"].clip(lower=FLOOR)
            style: dict[str, Any] = {"color": colour, "marker": "o", "fillstyle": fill, "markersize": 5}
            panel.plot(drawn["bytes"] / MIB, nats, linewidth=0.8, label=f"{form}, {kv}", **style)
    panel.set_xscale("log", base=2)
    panel.xaxis.set_major_formatter("{x:g}")
    panel.set_xlabel("MiB a clip, float32 or 8 bits", fontsize=8)


def draw_costs(table: pd.DataFrame) -> Figure:
    """A panel an arm: cost in each language with its 95 % interval, and median and mean of those counted by words.

    Grey: languages in which the control is unusable, which median and mean leave out. No line: no interval.
    """
    arms = list(dict.fromkeys(table["arm"]))
    columns = 4
    lines = -(-len(arms) // columns)
    figure = Figure(figsize=(11, 2.9 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    for panel, arm in zip(panels, arms, strict=False):
        rows = table[table["arm"] == arm].iloc[::-1].reset_index(drop=True)
        floors = rows["floor"].eq(True)
        for of_kind, colour, fill in ((rows[~floors], "#0072B2", "full"), (rows[floors], "#999999", "none")):
            errors = [of_kind["cost"] - of_kind["low"], of_kind["high"] - of_kind["cost"]]
            style: dict[str, Any] = {"fmt": "o", "color": colour, "fillstyle": fill, "markersize": 3.5, "linewidth": 1}
            panel.errorbar(of_kind["cost"], of_kind.index, xerr=errors, **style)
        panel.axvline(0, color="#666666", linewidth=0.8)
        panel.set_yticks(range(len(rows)), rows["language"], fontsize=7)
        panel.set_xscale("symlog", linthresh=5)
        panel.set_xlim(-LARGEST, LARGEST)
        panel.set_xticks([-100, -10, 0, 10, 100], ["−100", "−10", "0", "10", "100"])
        panel.minorticks_off()
        panel.set_title(arm, fontsize=9)
        panel.tick_params(axis="x", labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
    for panel in panels[len(arms) :]:
        panel.set_visible(False)
    figure.supxlabel(
        "cost, points of WER (of CER in th, zh), symmetric-logarithmic beyond 5; grey: the control is unusable there",
        fontsize=9,
    )
    return figure
