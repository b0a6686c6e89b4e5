"""Pictures of memory: the decode cache and what is saved of it, and the batches that common GPUs hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from bench.analysis.memory.capacity import LIMITS, Capacity
from bench.analysis.memory.headlines import ClipBytes, Transcripts
from bench.memory_sums import percent_change
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import (
    BETTER,
    COLOURS,
    GREY,
    MARKERS,
    SMALL,
    WIDTH,
    name_panel,
    plain_ticks,
    set_heading,
    style_of,
    styled,
    title_of,
)
from bench.reporting.text.format import mebibytes
from bench.suite import Suite

MIB = 2**20
COLUMNS = 3
"""Two panels and the names of their lines."""
LONG = 2000
"""A ratio of the ends of an axis, from which it is long."""
POINTS = 9
"""Along a line."""
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
    """Writes memory-cache and memory-batch, each as SVG and PNG; `provenance` pins their numbers."""
    save_figure(draw_caches(suite, clips, transcripts), suite.name, provenance, folder / "memory-cache")
    save_figure(draw_batches(suite, capacities), suite.name, provenance, folder / "memory-batch")


@styled
def draw_caches(suite: Suite, clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> Figure:
    """A row a control: the cache of one clip against positions, from nothing on, and how much of it each arm saves."""
    groups = _by_control(clips)
    heights = [max(LEAST, 0.85 + LINE * (len(arms) + 3)) for arms in groups.values()]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    panels = figure.subplots(len(groups), 2, squeeze=False, height_ratios=heights)
    for (left, right), (control, arms) in zip(panels, groups.items(), strict=True):
        most = max(clip.positions for clip in arms)
        for panel in (left, right):
            _mark_transcripts(panel, transcripts)
        positions = [round(position) for position in np.linspace(1, most, POINTS)]
        for place, clip in enumerate(arms):
            _draw_arm(left, right, clip, arms[0], positions, place)
        _set_axes(left, right, most)
        name_panel(left, f"{control}, whose weights are {mebibytes(arms[0].weights)}", COLUMNS)
        name_panel(right, "saved, % of the control's", COLUMNS)
        lines = left.get_lines()
        right.legend(handles=lines, fontsize=SMALL, loc="upper left", bbox_to_anchor=(1, 1))
    for panel in panels[-1]:
        panel.set_xlabel("cached text positions")
    set_heading(figure, title_of(suite, "decode cache of a clip: all that attention reads at a step"))
    return figure


def _draw_arm(
    left: Axes, right: Axes, clip: ClipBytes, control: ClipBytes, positions: Sequence[int], place: int
) -> None:
    """Bytes at the left; what is saved at the right, nothing of the control itself."""
    caches = [clip.decode_cache(position) for position in positions]
    left.plot(positions, [cache / MIB for cache in caches], label=clip.arm, **style_of(place))
    changes = [
        percent_change(cache, control.decode_cache(position)) or 0.0
        for cache, position in zip(caches, positions, strict=True)
    ]
    right.plot(positions, [-change for change in changes], **style_of(place))


def _set_axes(left: Axes, right: Axes, most: int) -> None:
    left.set_ylabel(f"{BETTER}    MiB")
    right.set_ylabel("%    better →")
    left.set_ylim(bottom=0)
    low, high = right.get_ylim()
    right.set_ylim(min(low, -1.0), max(high, 10.0))
    for panel in (left, right):
        panel.set_xlim(0, 1.02 * most)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            plain_ticks(axis)


def _mark_transcripts(panel: Axes, transcripts: Transcripts | None) -> None:
    if transcripts is None:
        return
    panel.axvline(transcripts.median, color=GREY, linestyle=":", linewidth=1, label="median transcript")
    panel.axvline(transcripts.longest, color=GREY, linestyle="-.", linewidth=1, label="99th percentile")


@styled
def draw_batches(suite: Suite, capacities: Sequence[Capacity]) -> Figure:
    """A line an arm: the largest batch within each limit, those of none left out; its control's hollow in its line."""
    figure = Figure(figsize=(WIDTH, 0.6 + 0.38 * len(capacities)), layout="constrained")
    panel = figure.subplots()
    of_arms = {(capacity.arm, capacity.dtype): capacity for capacity in capacities}
    for place, capacity in enumerate(capacities):
        _draw_batch(panel, place, capacity, of_arms.get((str(capacity.control), capacity.dtype)))
    panel.set_xscale("log")
    panel.margins(x=0.06)
    _number_decades(panel.xaxis)
    panel.set_yticks(range(len(capacities)), [f"{capacity.arm} ({capacity.dtype})" for capacity in capacities])
    panel.set_ylim(len(capacities) - 0.4, -0.6)
    positions = " or ".join(map(str, sorted({capacity.positions for capacity in capacities})))
    measured = all(capacity.measured for capacity in capacities)
    source = "" if measured else "; closed form, no transients, no context"
    panel.set_xlabel(f"clips at once, {positions} positions{source}    better →")
    marks = [_key(MARKERS[place], f"{limit} GB", COLOURS[0]) for place, limit in enumerate(LIMITS)]
    if any(capacity.control for capacity in capacities):
        marks.append(_key("o", "hollow: the control's", "white"))
    set_heading(figure, title_of(suite, "the largest batch that fits"), marks)
    return figure


def _key(marker: str, label: str, face: str) -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, color=COLOURS[0], markerfacecolor=face, label=label)


def _draw_batch(panel: Axes, place: int, capacity: Capacity, control: Capacity | None) -> None:
    """Numbers above and below in turn: the next on the same side is of three times the memory or more."""
    colour = COLOURS[0 if capacity.control is None else 1]
    for limit_place, batch in _fitting(control) if control else ():
        panel.plot(batch, place, MARKERS[limit_place], color=GREY, markerfacecolor="white", markersize=4, zorder=1.9)
    fitting = _fitting(capacity)
    panel.plot([batch for _, batch in fitting], [place] * len(fitting), color=colour, linewidth=0.8, zorder=1.8)
    for limit_place, batch in fitting:
        panel.plot(batch, place, MARKERS[limit_place], color=colour)
        below = limit_place % 2
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


def _fitting(capacity: Capacity) -> list[tuple[int, int]]:
    """Limits, by their place, within which a clip fits at all, with the largest batch."""
    batches = [(place, capacity.largest_batch(limit)) for place, limit in enumerate(LIMITS)]
    return [(place, batch) for place, batch in batches if batch]


def _number_decades(axis: Axis) -> None:
    """A logarithmic axis in plain numbers: 1, 2, 5, 10; powers of ten alone where it is long."""
    low, high = axis.get_data_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < LONG * low else (1.0,)))
    axis.set_minor_locator(NullLocator())
    plain_ticks(axis)


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
