"""The damage of each site alone, and the rank that it was given."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.conversion.allocation.allocating import Allocation
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import WIDTH, mark_of, set_heading, styled

HEIGHT = 3.4
LEAST = 1e-6
"""Nats a token: what is less is drawn here, where nobody would tell it from nothing."""


def write_widths(allocation: Allocation, title: str, folder: Path) -> None:
    """Writes allocation.svg and .png."""
    save_figure(draw_widths(allocation, title), title, _about(allocation), folder / "allocation")


def _about(allocation: Allocation) -> str:
    """What its divergences are."""
    return f"divergence on calibration clips that no factor came from; of all together {allocation.nats:.2g} nats"


@styled
def draw_widths(allocation: Allocation, title: str) -> Figure:
    """A line a site, over ranks; where its rank lies is filled, and drawn at the edge where states stay whole."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    panel, chosen, handles = figure.subplots(), dict(allocation.ranks), []
    for number, curve in enumerate(allocation.curves):
        colour, marker = mark_of(number)
        nats = [max(LEAST, value) for value in curve.nats]
        panel.plot(curve.ranks, nats, color=colour, marker=marker, markersize=3, linewidth=1, fillstyle="none")
        rank = chosen[curve.site]
        at = max(LEAST, float(curve.at([rank])[0]))
        panel.plot([rank], [at], color=colour, marker=marker, markersize=8, clip_on=False, zorder=3)
        name = f"{curve.site.label}: {rank}" if rank < curve.width else f"{curve.site.label}: whole"
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=5, label=name))
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    width = allocation.curves[0].width
    panel.set_xlim(min(allocation.curves[0].ranks), width)
    ticks = [tick for tick in (2**power for power in range(12)) if allocation.curves[0].ranks[0] <= tick <= width]
    panel.set_xticks(ticks, [str(tick) for tick in ticks])
    panel.minorticks_off()
    panel.set_xlabel(f"rank of one latent, all others whole\n{_about(allocation)}")
    panel.set_ylabel("divergence, nats a token")
    set_heading(figure, title, handles)
    return figure
