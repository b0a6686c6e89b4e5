"""A picture of cost as work grows: seconds and memory against clips, and against arms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import (
    COLOURS,
    GREY,
    SMALL,
    WIDTH,
    mark_of,
    name_panel,
    set_heading,
    styled,
)
from bench.speed.growth import Cost, Growth


def write_growth_figure(growth: Growth, note: str, path: Path) -> None:
    """As SVG and PNG; `path` without a suffix."""
    save_figure(draw_growth(growth), growth.suite, note, path)


@styled
def draw_growth(growth: Growth) -> Figure:
    """Seconds in parts of the first's, beside as many times the first; and the most memory held."""
    figure = Figure(figsize=(WIDTH, 2.2), layout="constrained")
    clips, arms, memory = figure.subplots(1, 3)
    counts = [cost.clips for cost in growth.clips]
    times = [cost.clips / counts[0] for cost in growth.clips]
    _draw(clips, counts, [growth.of_linear(cost) * by for cost, by in zip(growth.clips, times, strict=True)], times)
    _draw(arms, [cost.arms for cost in growth.arms], [growth.of_one(cost) for cost in growth.arms], None)
    everything: Sequence[Cost] = (*growth.clips, *growth.arms)
    _draw(memory, range(1, len(everything) + 1), [cost.peak_mib for cost in everything], None)
    memory.set_xticks(range(1, len(everything) + 1), [f"{cost.clips}x{cost.arms}" for cost in everything], rotation=90)
    name_panel(clips, "seconds, of the fewest clips'", 3)
    name_panel(arms, "seconds, of one arm's", 3)
    name_panel(memory, "most memory so far, MiB", 3)
    for panel, label in ((clips, "clips"), (arms, "arms"), (memory, "clips x arms, in the order measured")):
        panel.set_xlabel(label, fontsize=SMALL)
        panel.set_ylim(bottom=0)
    set_heading(figure, f"{growth.suite}: cost as work grows")
    return figure


def _draw(panel: Axes, along: Sequence[int], values: Sequence[float], linear: Sequence[float] | None) -> None:
    _, marker = mark_of(0)
    if linear is not None:
        panel.plot(along, linear, color=GREY, linestyle="--", linewidth=1)
    panel.plot(along, values, marker=marker, color=COLOURS[1], linewidth=1.3, markersize=4)
