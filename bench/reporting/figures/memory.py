"""Pictures of memory: the decode cache against positions and batch, and the batches that common GPUs hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from bench.analysis.memory.capacity import LIMITS, Capacity
from bench.analysis.memory.headlines import ClipBytes, Transcripts
from bench.reporting.figures.style import (
    COLOURS,
    GREY,
    MARKERS,
    NAMES,
    SMALL,
    WIDTH,
    name_panel,
    save_figure,
    set_heading,
    style_of,
    tidy,
)
from bench.suite import Suite

Numbers = NDArray[Any]
MIB = 2**20
BATCHES = 2 ** np.arange(0, 9)
COLUMNS = 3
"""Two panels and the names of their lines."""
LONG = 2000
"""A ratio of the ends of an axis, from which it is long."""
LEAST, LINE = 2.0, 0.15
"""Inches: how high a control's panels are at least, and a line of the legend beside them."""


def write_memory_figures(
    suite: Suite,
    provenance: str,
    clips: Sequence[ClipBytes],
    capacities: Sequence[Capacity],
    transcripts: Transcripts | None,
    folder: Path,
) -> None:
    """Writes memory-cache and memory-batch, each as SVG and PNG; `provenance` stands under them."""
    save_figure(draw_caches(suite, clips, transcripts), suite.name, provenance, folder / "memory-cache")
    save_figure(draw_batches(suite, capacities), suite.name, provenance, folder / "memory-batch")


def draw_caches(suite: Suite, clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> Figure:
    """A row a control: against positions with one clip, and against clips at the most positions."""
    groups = _by_control(clips)
    heights = [max(LEAST, 0.85 + LINE * (len(arms) + 3)) for arms in groups.values()]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    panels = figure.subplots(len(groups), 2, squeeze=False, height_ratios=heights)
    for (left, right), (control, arms) in zip(panels, groups.items(), strict=True):
        most = max(clip.positions for clip in arms)
        positions = np.arange(1, most + 1)
        _draw_arms(left, arms, positions, [_caches_at(clip, positions) for clip in arms])
        _draw_arms(right, arms, BATCHES, [BATCHES * clip.decode_cache(most) for clip in arms])
        for panel in (left, right):
            panel.axhline(arms[0].weights / MIB, color=GREY, linestyle="--", linewidth=1, label="the control's weights")
        _mark_transcripts(left, transcripts)
        left.set_ylabel("decode cache, MiB", fontsize=SMALL)
        right.set_xscale("log", base=2)
        right.set_xticks(BATCHES[::2], [str(batch) for batch in BATCHES[::2]])
        name_panel(left, f"{control}: one clip", COLUMNS)
        name_panel(right, f"{control}: {most} positions", COLUMNS)
        right.legend(handles=left.get_lines(), fontsize=SMALL, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        tidy(left, right)
    panels[-1][0].set_xlabel("cached text positions", fontsize=SMALL)
    panels[-1][1].set_xlabel("clips at once", fontsize=SMALL)
    set_heading(figure, f"{suite.label}: what attention reads at a step: live tensors, in proportion")
    return figure


def _caches_at(clip: ClipBytes, positions: Numbers) -> Numbers:
    """Bytes of the decode cache at each of the positions."""
    return np.array([clip.decode_cache(int(position)) for position in positions])


def _draw_arms(panel: Axes, arms: Sequence[ClipBytes], along: Numbers, sizes: Sequence[Numbers]) -> None:
    """Draws the bytes of each arm, in MiB on a logarithmic axis."""
    every = max(1, len(along) // 8)
    for number, (clip, size) in enumerate(zip(arms, sizes, strict=True)):
        panel.plot(along, size / MIB, markevery=every, linewidth=1.3, label=clip.arm, **style_of(number))
    panel.set_yscale("log")
    _number(panel.yaxis)


def _mark_transcripts(panel: Axes, transcripts: Transcripts | None) -> None:
    if transcripts is None:
        return
    panel.axvline(transcripts.median, color=GREY, linestyle=":", linewidth=1, label="median transcript")
    panel.axvline(transcripts.longest, color=GREY, linestyle="-.", linewidth=1, label="99th percentile")


def draw_batches(suite: Suite, capacities: Sequence[Capacity]) -> Figure:
    """A line an arm: the largest batch within each limit, those of none left out."""
    figure = Figure(figsize=(WIDTH, 0.6 + 0.38 * len(capacities)), layout="constrained")
    panel = figure.subplots()
    for place, capacity in enumerate(capacities):
        _draw_batch(panel, place, capacity)
    panel.set_xscale("log")
    panel.margins(x=0.06)
    _number(panel.xaxis)
    panel.set_yticks(range(len(capacities)), [f"{capacity.arm} ({capacity.dtype})" for capacity in capacities])
    panel.set_ylim(len(capacities) - 0.4, -0.6)
    positions = sorted({capacity.positions for capacity in capacities})
    panel.set_xlabel(f"clips at once, {' or '.join(map(str, positions))} positions", fontsize=NAMES)
    marks = [
        Line2D([], [], linestyle="none", marker=MARKERS[number], color=COLOURS[0], markersize=5, label=f"{limit} GB")
        for number, limit in enumerate(LIMITS)
    ]
    measured = all(capacity.measured for capacity in capacities)
    source = suite.label if measured else "closed form, no transients, no context"
    set_heading(figure, f"The largest batch that fits ({source})", marks)
    tidy(panel)
    return figure


def _draw_batch(panel: Axes, place: int, capacity: Capacity) -> None:
    """Numbers above and below in turn: the next on the same side is of three times the memory or more."""
    colour = COLOURS[0 if capacity.control is None else 1]
    batches = [(number, capacity.largest_batch(limit)) for number, limit in enumerate(LIMITS)]
    fitting = [(number, batch) for number, batch in batches if batch]
    panel.plot([batch for _, batch in fitting], [place] * len(fitting), color=colour, linewidth=0.8)
    for number, batch in fitting:
        panel.plot(batch, place, MARKERS[number], color=colour, markersize=5)
        below = number % 2
        panel.annotate(
            f"{batch:,}",
            (batch, place),
            xytext=(0, -4 if below else 4),
            textcoords="offset points",
            fontsize=SMALL,
            color=colour,
            ha="center",
            va="top" if below else "bottom",
        )


def _number(axis: Axis) -> None:
    """A logarithmic axis in plain numbers: 1, 2, 5, 10; powers of ten alone where it is long."""
    low, high = axis.get_data_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < LONG * low else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _by_control(clips: Sequence[ClipBytes]) -> dict[str, list[ClipBytes]]:
    """Each control with the arms that are compared with it, it first; dtypes apart.

    Those that nothing is compared with are left out, unless there are no others.
    """
    several = len({clip.dtype for clip in clips}) > 1
    groups: dict[str, list[ClipBytes]] = {}
    for clip in sorted(clips, key=lambda clip: clip.control is not None):
        name = clip.control or clip.arm
        groups.setdefault(f"{name}, {clip.dtype}" if several else name, []).append(clip)
    return {name: arms for name, arms in groups.items() if len(arms) > 1} or groups
