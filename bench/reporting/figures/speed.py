"""A picture of how long ways to decode the same clips take, and on what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import (
    BETTER,
    COLOURS,
    GREY,
    SMALL,
    WIDTH,
    as_drawn,
    set_heading,
    styled,
)
from bench.speed.record import BENCH, SpeedRecord

LIGHT = "#BBBBBB"
ROW = 0.42
"""Inches a way."""
HATCHES = ("", "////", "....")
"""Of arms beyond as many colours, and again."""


def write_speed_figure(record: SpeedRecord, note: str, path: Path) -> None:
    """As SVG and PNG; `path` without a suffix."""
    save_figure(draw_speed(record), record.suite, note, path)


@styled
def draw_speed(record: SpeedRecord) -> Figure:
    """A bar a way, as many times as long as `bench run` (median over batches), by what all batches together took."""
    ways, marks = (BENCH, *record.ways), _marks(record)
    figure = Figure(figsize=(WIDTH, 0.5 + ROW * len(ways)), layout="constrained")
    panel = figure.subplots()
    for row, way in enumerate(ways):
        seconds = Counter[str]()
        for portion in record.portions:
            seconds.update(portion.seconds[way])
        length, left = record.ratio(way), 0.0
        for step, mark in marks.items():
            share = length * seconds[step] / seconds.total()
            look: dict[str, Any] = {"facecolor": mark.get_facecolor(), "hatch": mark.get_hatch(), "edgecolor": "white"}
            panel.barh(row, share, left=left, height=0.7, linewidth=0.4, **look)
            left += share
        panel.text(length, row, f" {length:.2f}", va="center", fontsize=SMALL)
    panel.set_yticks(range(len(ways)), ways)
    panel.invert_yaxis()
    panel.set_xlim(0, 1.08 * max(record.ratio(way) for way in ways))
    panel.set_xlabel(f"{BETTER} time, of bench run's; in bench run an arm's share is what it adds", fontsize=SMALL)
    clips = f"{record.clips} clips, batches of {record.batch}, {record.device}"
    set_heading(figure, f"{record.suite}: {len(record.arms)} arms by other ways, {clips}", list(marks.values()))
    return figure


def _marks(record: SpeedRecord) -> dict[str, Patch]:
    """By step of `bench run`: what is shared in greys, arms in colours."""
    shared = [step for step in record.steps if step not in record.arms]
    marks = {step: Patch(color=(GREY, LIGHT)[number % 2], label=step) for number, step in enumerate(shared)}
    for number, arm in enumerate(record.arms):
        turn, place = divmod(number, len(COLOURS) - 1)
        marks[arm] = Patch(facecolor=COLOURS[1 + place], hatch=HATCHES[turn % len(HATCHES)], label=as_drawn(arm))
    return marks
