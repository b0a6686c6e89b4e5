"""The study as a record: three tables, the versions they were made with, and two pictures."""

import json
import platform
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.io.files import write_atomically, write_text

COLOURS = {
    "paper": "#D55E00",
    "paper, half kept": "#E69F00",
    "svd": "#999999",
    "activation": "#0072B2",
    "balanced": "#009E73",
}
MARKERS = dict(zip(COLOURS, "sDo^v", strict=True))
ARM_COLOURS = {"mha": "#444444", "mla-62.5": "#D55E00", "mla-87.5": "#E69F00", "exact": "#009E73", "int8": "#0072B2"}
NARROW = 0.16
"""Of a bar."""


def write_record(quality: pd.DataFrame, agreement: pd.DataFrame, latency: pd.DataFrame, folder: Path) -> None:
    """conversion.csv, agreement.csv, latency.csv, versions.json, conversion.png and latency.png."""
    tables = {"conversion": quality, "agreement": agreement, "latency": latency}
    for name, table in tables.items():
        csv = table.to_csv(index=False, float_format="%.6g")
        write_atomically(folder / f"{name}.csv", partial(write_text, csv))
    versions = {name: version(name) for name in ("torch", "transformers")} | {"machine": platform.machine()}
    write_atomically(folder / "versions.json", partial(write_text, json.dumps(versions, indent=2) + "\n"))
    for name, figure in (("conversion", draw_quality(quality)), ("latency", draw_latency(latency))):
        write_atomically(folder / f"{name}.png", partial(figure.savefig, format="png", dpi=130))


def draw_quality(table: pd.DataFrame) -> Figure:
    """Divergence and cost against the cut, a row an original."""
    models = list(dict.fromkeys(table["model"]))
    figure = Figure(figsize=(10, 3.4 * len(models) + 0.6), layout="constrained")
    panels = figure.subplots(len(models), 2, squeeze=False)
    for (left, right), model in zip(panels, models, strict=True):
        of_model = table[table["model"] == model]
        for init in COLOURS:
            rows = of_model[of_model["init"] == init]
            style = {"color": COLOURS[init], "marker": MARKERS[init], "markersize": 5, "label": init}
            left.plot(100 * rows["cut"], rows["divergence"], **style)
            errors = [rows["cost"] - rows["low"], rows["high"] - rows["cost"]]
            right.errorbar(100 * rows["cut"], rows["cost"], yerr=errors, capsize=2, linewidth=1.2, **style)
        left.set_yscale("log")
        left.set_title(f"{model}: divergence, nats a token", fontsize=10)
        right.set_yscale("symlog", linthresh=1)
        right.axhline(0, color="#666666", linewidth=0.8)
        right.set_title(f"{model}: mean cost, points of WER", fontsize=10)
        for panel in (left, right):
            _name_cuts(panel, sorted(set(of_model.loc[of_model["init"] == "svd", "cut"])))
    figure.supxlabel("cut of the self-attention cache, before any training (demo: synthetic speech)", fontsize=9)
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside upper center", ncols=len(COLOURS), fontsize=8)
    return figure


def _name_cuts(panel: Axes, cuts: list[float]) -> None:
    panel.set_xticks([100 * cut for cut in cuts], [f"{100 * cut:g} %" for cut in cuts])
    panel.grid(axis="y", color="#EEEEEE")
    panel.spines[["top", "right"]].set_visible(False)


def draw_latency(table: pd.DataFrame) -> Figure:
    """Time a clip beside multi-head attention's, a group of bars a batch and length, a panel a device and dtype."""
    settings = list(table.groupby(["device", "dtype"], sort=False))
    figure = Figure(figsize=(10, 3 * len(settings) + 0.6), layout="constrained")
    panels = figure.subplots(len(settings), 1, squeeze=False)[:, 0]
    for panel, ((device, dtype), rows) in zip(panels, settings, strict=True):
        cells = list(dict.fromkeys(zip(rows["batch"], rows["tokens"], strict=True)))
        for number, (arm, colour) in enumerate(ARM_COLOURS.items()):
            of_arm = rows[rows["arm"] == arm].set_index(["batch", "tokens"])
            at = [place + NARROW * (number - 2) for place in range(len(cells))]
            bars = panel.bar(at, [of_arm.loc[cell, "to_mha"] for cell in cells], NARROW, color=colour, label=arm)
            panel.bar_label(bars, [f"{of_arm.loc[cell, 'to_mha']:.2f}" for cell in cells], fontsize=6.5, padding=1)
        mha = rows[rows["arm"] == "mha"].set_index(["batch", "tokens"])["ms_a_clip"]
        names = [f"batch {cell[0]}, {cell[1]} tokens\nMHA {mha.loc[cell]:,.0f} ms a clip" for cell in cells]
        panel.set_xticks(range(len(cells)), names, fontsize=8)
        panel.axhline(1, color="#666666", linewidth=0.8)
        panel.set_title(f"{device}, {dtype}: time a clip beside multi-head attention's", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(ARM_COLOURS), fontsize=8
    )
    return figure
