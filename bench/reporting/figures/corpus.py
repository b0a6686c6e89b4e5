"""A picture of a corpus: how long clips are, and how many each speaker has."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.data import DataReport, LanguageData
from bench.reporting.figures.style import (
    SMALL,
    WIDTH,
    columns_of,
    name_panel,
    plain_ticks,
    set_heading,
    styled,
    title_of,
)
from bench.suite import Suite

PANELS = 4
"""Languages side by side."""
HEIGHT = 2.5
"""Inches a language."""


def _duration(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"


@styled
def draw_data(suite: Suite, report: DataReport) -> Figure:
    """Two small panels a language: how long its clips are, and how many each speaker has."""
    columns = min(PANELS, len(report.languages))
    rows = -(-len(report.languages) // columns)
    longest = max((float(data.seconds.max()) for data in report.languages if len(data.seconds)), default=1.0)
    figure = Figure(figsize=(WIDTH, HEIGHT * rows), layout="constrained")
    axes = figure.subplots(2 * rows, columns, squeeze=False)
    for panel in axes.flat:
        panel.set_visible(False)
    for number, data in enumerate(report.languages):
        row, column = divmod(number, columns)
        _draw_language(axes[2 * row][column], axes[2 * row + 1][column], data, longest)
    set_heading(figure, title_of(suite, report.corpus))
    return figure


def _draw_language(lengths: Axes, speakers: Axes, data: LanguageData, longest: float) -> None:
    lengths.hist(data.seconds, bins=40, range=(0, longest), histtype="stepfilled", color="#0072B2")
    name_panel(lengths, f"{data.language}\n{data.clips:,} clips, {_duration(data.hours)}", columns_of(lengths))
    lengths.set_xlabel("seconds a clip", fontsize=SMALL)
    speakers.stairs(data.clips_per_speaker, fill=True, color="#D55E00")
    named = f"{data.speakers:,} speakers, by clips" if data.speakers else "speakers not named"
    speakers.set_xlabel(named, fontsize=SMALL)
    for panel in (lengths, speakers):
        panel.set_visible(True)
        panel.set_ylabel("clips", fontsize=SMALL)
        panel.set_ylim(bottom=0)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
            plain_ticks(axis)
    if not data.speakers:
        speakers.set(xticks=[], yticks=[])
