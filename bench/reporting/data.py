"""A corpus as text, as a list of clips and as a picture."""

from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from bench.data import TOP, DataReport, LanguageData
from bench.files import write_atomically, write_text
from bench.reporting.markdown import inline, markdown_table
from bench.reporting.pictures import SMALL, WIDTH, columns_of, name_panel, save_figure, set_heading, tidy
from bench.suite import Suite

LEGEND = (
    "effective: how many speakers of equally many clips would weigh the same. seconds, reference: median (5th to 95th "
    "percentile); seconds and hours of the readable clips; a reference's length in words, in characters where CER is "
    "the cost. clips.tsv lists the ids."
)
PANELS = 4
"""Languages side by side."""
BREAKS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "\t\n\r"}
"""What would end a cell of clips.tsv."""
HEIGHT = 2.5
"""Inches a language."""


def write_data(suite: Suite, report: DataReport, folder: Path) -> str:
    """Writes data.md, clips.tsv (the sampled ids), data.svg and data.png; returns the text."""
    text = render_data(suite, report)
    clips = "".join(f"{each.language}\t{name.translate(BREAKS)}\n" for each in report.languages for name in each.ids)
    write_atomically(folder / "data.md", partial(write_text, text))
    write_atomically(folder / "clips.tsv", partial(write_text, f"language\tid\n{clips}"))
    pinned = ", ".join(f"{each.language} {each.fingerprint}" for each in report.languages)
    save_figure(draw_data(suite, report), suite.name, f"fingerprints: {pinned}", folder / "data")
    return text


def render_data(suite: Suite, report: DataReport) -> str:
    header = [
        "Lang",
        "clips",
        "speakers",
        "effective",
        f"top {TOP} have",
        "hours",
        "seconds",
        "reference",
        "fingerprint",
    ]
    lines = [f"- {inline(line)}" for each in report.languages for line in _faults(each)]
    if report.unread:
        lines.append(f"- training list: {report.unread:,} rows cannot be read and are not counted")
    parts = [
        f"{suite.label}: {inline(report.corpus)}",
        markdown_table(header, [_row(each) for each in report.languages]),
        "\n".join(lines) or "- no row rejected, no clip unreadable",
        LEGEND,
    ]
    return "\n\n".join(parts) + "\n"


def _row(data: LanguageData) -> list[str]:
    known = data.speakers > 0
    unnamed = data.clips - int(data.clips_per_speaker.sum())
    nameless = f" (+{unnamed:,} clips unnamed)" if unnamed else ""
    return [
        data.language,
        f"{data.clips:,}",
        f"{data.speakers:,}{nameless}" if known else "not named",
        f"{data.effective_speakers:.0f}" if known else "n/a",
        f"{data.top_share:.0f} %" if known else "n/a",
        f"{data.hours:.2f}",
        _spread(data.seconds, 1),
        _spread(data.lengths, 0),
        data.fingerprint,
    ]


def _spread(values: "np.typing.NDArray[np.generic]", digits: int) -> str:
    if not len(values):
        return "n/a"
    low, middle, high = np.quantile(values.astype(float), [0.05, 0.5, 0.95])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _faults(data: LanguageData) -> list[str]:
    named = {"rows rejected": data.rejected, "sampled clips unreadable": data.unreadable}
    lines = [
        f"{data.language}: {what}: {', '.join(f'{n:,} {why}' for why, n in counts.items())}"
        for what, counts in named.items()
        if counts
    ]
    if data.shared is not None:
        shared = ", ".join(f"{count:,} {what}" for what, count in data.shared.items())
        lines.append(f"{data.language}: the sample shares with the training list: {shared}")
    return lines


def _duration(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{60 * hours:.0f} min"


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
    set_heading(figure, f"{suite.label}: {report.corpus}")
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
        tidy(panel)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if not data.speakers:
        speakers.set(xticks=[], yticks=[])
