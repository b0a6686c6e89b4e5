"""Pictures of memory: the decode cache against positions and batch, and the batches that common GPUs hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from bench.memory.capacity import LIMITS, Capacity
from bench.memory.headlines import ClipBytes, Transcripts
from bench.reporting.pictures import COLOURS, MARKERS, save_figure, set_title
from bench.suite import Suite

Numbers = NDArray[Any]
MIB = 2**20
BATCHES = 2 ** np.arange(0, 9)


def write_memory_figures(
    suite: Suite,
    about: str,
    clips: Sequence[ClipBytes],
    capacities: Sequence[Capacity],
    transcripts: Transcripts | None,
    folder: Path,
) -> None:
    """Writes memory-cache and memory-batch, each as SVG and PNG; `about` stands under them."""
    save_figure(_draw_caches(suite, clips, transcripts), suite.name, about, folder / "memory-cache")
    save_figure(_draw_batches(suite, capacities), suite.name, about, folder / "memory-batch")


def _draw_caches(suite: Suite, clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> Figure:
    """A row a control: against positions with one clip, and against clips at the most positions."""
    groups = _by_control(clips)
    figure = Figure(figsize=(9.2, 1.2 + 2.5 * len(groups)), layout="constrained")
    panels = figure.subplots(len(groups), 2, squeeze=False)
    for (left, right), (control, arms) in zip(panels, groups.items(), strict=True):
        most = max(clip.positions for clip in arms)
        positions = np.arange(1, most + 1)
        _draw_arms(left, arms, positions, [clip.own_a_position * positions + clip.decode_cache(0) for clip in arms])
        _draw_arms(right, arms, BATCHES, [BATCHES * clip.decode_cache(most) for clip in arms])
        for panel in (left, right):
            _draw_weights(panel, control, arms[0].weights)
        _mark_transcripts(left, transcripts)
        left.set_ylabel("decode cache, MiB", fontsize=8)
        right.set_xscale("log", base=2)
        right.set_xticks(BATCHES, [str(batch) for batch in BATCHES])
        left.set_title(f"{control}: one clip", fontsize=9)
        right.set_title(f"{control}: {most} positions", fontsize=9)
        right.legend(fontsize=6.5, frameon=False, loc="lower right")
        _tidy(left, right)
    panels[-1][0].set_xlabel("cached text positions", fontsize=8)
    panels[-1][1].set_xlabel("clips at once", fontsize=8)
    set_title(figure, f"{suite.label}: what attention reads at a step: live tensors, in proportion")
    return figure


def _draw_arms(panel: Axes, arms: Sequence[ClipBytes], along: Numbers, sizes: Sequence[Numbers]) -> None:
    """Bytes of each arm, in MiB on a logarithmic axis."""
    for number, (clip, size) in enumerate(zip(arms, sizes, strict=True)):
        panel.plot(
            along,
            size / MIB,
            color=COLOURS[number % len(COLOURS)],
            marker=MARKERS[number % len(MARKERS)],
            markersize=3.5,
            markevery=max(1, len(along) // 8),
            linewidth=1.3,
            label=clip.arm,
        )
    panel.set_yscale("log")
    _number(panel.yaxis)


def _draw_weights(panel: Axes, control: str, weights: int) -> None:
    panel.axhline(weights / MIB, color="#888888", linestyle="--", linewidth=1)
    at = (0.01, weights / MIB)
    panel.annotate(f"weights of {control}", at, xycoords=("axes fraction", "data"), fontsize=7, va="bottom")


def _mark_transcripts(panel: Axes, transcripts: Transcripts | None) -> None:
    if transcripts is None:
        return
    for position, name in ((transcripts.median, "median"), (transcripts.longest, "99 %")):
        panel.axvline(position, color="#888888", linestyle=":", linewidth=1)
        panel.annotate(f" {name}", (position, 0.9), xycoords=("data", "axes fraction"), fontsize=7, va="top")


def _draw_batches(suite: Suite, capacities: Sequence[Capacity]) -> Figure:
    """A line an arm: the largest batch within each limit, those of none left out."""
    figure = Figure(figsize=(8.4, 1.3 + 0.34 * len(capacities)), layout="constrained")
    panel = figure.subplots()
    for place, each in enumerate(capacities):
        fitting = [(limit, each.largest_batch(limit)) for limit in LIMITS if each.largest_batch(limit)]
        colour = COLOURS[0 if each.control is None else 1]
        panel.plot([batch for _, batch in fitting], [place] * len(fitting), color=colour, linewidth=0.8)
        for limit, batch in fitting:
            panel.plot(batch, place, MARKERS[LIMITS.index(limit)], color=colour, markersize=5)
            panel.annotate(
                f"{batch:,}", (batch, place), xytext=(0, 4), textcoords="offset points", fontsize=6.5, ha="center"
            )
    for number, limit in enumerate(LIMITS):
        panel.plot([], [], MARKERS[number], color=COLOURS[0], markersize=5, label=f"{limit} GB")
    panel.set_xscale("log")
    _number(panel.xaxis)
    panel.set_yticks(range(len(capacities)), [f"{each.arm} ({each.dtype})" for each in capacities])
    panel.set_ylim(len(capacities) - 0.5, -0.7)
    positions = sorted({each.positions for each in capacities})
    panel.set_xlabel(f"clips at once, {' or '.join(map(str, positions))} positions", fontsize=8)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside upper right", ncols=4, fontsize=7, frameon=False)
    told = suite.label if all(each.measured for each in capacities) else "closed form, no transients, no context"
    set_title(figure, f"The largest batch that fits ({told})")
    _tidy(panel)
    return figure


def _number(axis: Axis) -> None:
    """A logarithmic axis in plain numbers: 1, 2, 5, 10."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.set_minor_formatter(NullFormatter())


def _by_control(clips: Sequence[ClipBytes]) -> dict[str, list[ClipBytes]]:
    """Each control with the arms that are compared with it, it first; dtypes apart."""
    several = len({clip.dtype for clip in clips}) > 1
    groups: dict[str, list[ClipBytes]] = {}
    for clip in sorted(clips, key=lambda each: each.control is not None):
        name = clip.control or clip.arm
        groups.setdefault(f"{name}, {clip.dtype}" if several else name, []).append(clip)
    return groups


def _tidy(*panels: Axes) -> None:
    for panel in panels:
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
