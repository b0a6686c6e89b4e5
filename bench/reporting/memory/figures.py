"""Pictures of memory: the decode cache against positions and batch, and the batches that common GPUs hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.memory.capacity import LIMITS, Capacity
from bench.memory.headlines import ClipBytes, Transcripts
from bench.reporting.pictures import COLOURS, MARKERS, save_figure, set_title
from bench.suite import Suite

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
    panels = figure.subplots(len(groups), 2, sharey="row", squeeze=False)
    for (left, right), (control, arms) in zip(panels, groups.items(), strict=True):
        most = max(clip.load[2] for clip in arms)
        positions = range(1, most + 1)
        for number, clip in enumerate(arms):
            style = {"color": COLOURS[number % len(COLOURS)], "linewidth": 1.3}
            mark = {"marker": MARKERS[number % len(MARKERS)], "markersize": 3.5}
            cache = [clip.decode_cache(position) / MIB for position in positions]
            left.plot(positions, cache, label=_name(clip, clips), markevery=max(1, most // 8), **style, **mark)
            right.plot(BATCHES, BATCHES * clip.decode_cache(most) / MIB, **style, **mark)
        for panel in (left, right):
            panel.axhline(arms[0].weights / MIB, color="#888888", linestyle="--", linewidth=1)
            panel.annotate(
                f"weights of {control}",
                (0.99, arms[0].weights / MIB),
                xycoords=("axes fraction", "data"),
                fontsize=7,
                ha="right",
                va="bottom",
                color="#666666",
            )
        _mark_transcripts(left, transcripts)
        left.set_yscale("log")
        left.set_ylabel("decode cache, MiB", fontsize=8)
        right.set_xscale("log", base=2)
        right.set_xticks(BATCHES, [str(batch) for batch in BATCHES])
        left.set_title(f"{control}: one clip", fontsize=9)
        right.set_title(f"{control}: {most} positions", fontsize=9)
        left.legend(fontsize=6.5, frameon=False, loc="center right")
        _tidy(left, right)
    panels[-1][0].set_xlabel("cached text positions", fontsize=8)
    panels[-1][1].set_xlabel("clips at once", fontsize=8)
    set_title(figure, f"{suite.label}: what attention reads at a step, of live tensors")
    return figure


def _mark_transcripts(panel: Axes, transcripts: Transcripts | None) -> None:
    if transcripts is None:
        return
    for position, name in ((transcripts.median, "median"), (transcripts.longest, "99 %")):
        panel.axvline(position, color="#888888", linestyle=":", linewidth=1)
        panel.annotate(
            f" {name}", (position, 0.02), xycoords=("data", "axes fraction"), fontsize=7, color="#666666", va="bottom"
        )


def _draw_batches(suite: Suite, capacities: Sequence[Capacity]) -> Figure:
    """A line an arm: the largest batch within each limit."""
    figure = Figure(figsize=(8.4, 1.3 + 0.34 * len(capacities)), layout="constrained")
    panel = figure.subplots()
    for place, each in enumerate(capacities):
        largest = [each.largest_batch(limit) for limit in LIMITS]
        colour = COLOURS[0 if each.control is None else 1]
        panel.plot(largest, [place] * len(LIMITS), color=colour, linewidth=0.8)
        for number, batch in enumerate(largest):
            label = f"{LIMITS[number]} GB" if place == 0 else None
            panel.plot(batch, place, MARKERS[number], color=colour, markersize=5, label=label)
            panel.annotate(
                f"{batch:,}", (batch, place), xytext=(0, 4), textcoords="offset points", fontsize=6.5, ha="center"
            )
    panel.set_xscale("symlog" if any(each.largest_batch(LIMITS[0]) == 0 for each in capacities) else "log")
    panel.set_yticks(range(len(capacities)), [f"{each.arm} ({each.dtype})" for each in capacities])
    panel.set_ylim(len(capacities) - 0.5, -0.7)
    positions = sorted({each.positions for each in capacities})
    panel.set_xlabel(f"clips at once, {' or '.join(map(str, positions))} positions", fontsize=8)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside upper right", ncols=4, fontsize=7, frameon=False)
    told = "measured" if all(each.measured for each in capacities) else "closed form, without transients and context"
    set_title(figure, f"{suite.label}: the largest batch that fits, {told}")
    _tidy(panel)
    return figure


def _by_control(clips: Sequence[ClipBytes]) -> dict[str, list[ClipBytes]]:
    """Each control with the arms that are compared with it, it first; dtypes apart."""
    several = len({clip.dtype for clip in clips}) > 1
    groups: dict[str, list[ClipBytes]] = {}
    for clip in sorted(clips, key=lambda each: each.control is not None):
        name = clip.control or clip.arm
        groups.setdefault(f"{name}, {clip.dtype}" if several else name, []).append(clip)
    return groups


def _name(clip: ClipBytes, clips: Sequence[ClipBytes]) -> str:
    several = len({each.dtype for each in clips}) > 1
    return f"{clip.arm}, {clip.dtype}" if several else clip.arm


def _tidy(*panels: Axes) -> None:
    for panel in panels:
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
