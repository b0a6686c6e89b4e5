"""A corpus as text, as a list of clips and as a picture."""

from functools import partial
from math import ceil
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench.data import TOP, DataReport, LanguageData
from bench.files import write_atomically, write_text
from bench.reporting.markdown import inline, markdown_table
from bench.reporting.pictures import as_drawn
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


def write_data(suite: Suite, report: DataReport, folder: Path) -> str:
    """Writes data.md, clips.tsv (the sampled ids), data.svg and data.png; returns the text."""
    text = render_data(suite, report)
    clips = "".join(f"{each.language}\t{name.translate(BREAKS)}\n" for each in report.languages for name in each.ids)
    write_atomically(folder / "data.md", partial(write_text, text))
    write_atomically(folder / "clips.tsv", partial(write_text, f"language\tid\n{clips}"))
    figure = draw_data(suite, report)
    with mpl.rc_context({"svg.hashsalt": suite.name, "svg.fonttype": "none"}):
        write_atomically(folder / "data.svg", partial(figure.savefig, format="svg", metadata={"Date": None}))
        write_atomically(folder / "data.png", partial(figure.savefig, format="png", dpi=130))
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
    rows = ceil(len(report.languages) / PANELS)
    longest = max((float(data.seconds.max()) for data in report.languages if len(data.seconds)), default=1.0)
    figure = Figure(figsize=(2.6 * PANELS, 2.8 * rows + 0.5), layout="constrained")
    axes = figure.subplots(2 * rows, PANELS, squeeze=False)
    for panel in axes.flat:
        panel.set_visible(False)
    for number, data in enumerate(report.languages):
        row, column = divmod(number, PANELS)
        lengths, speakers = axes[2 * row][column], axes[2 * row + 1][column]
        lengths.hist(data.seconds, bins=40, range=(0, longest), color="#0072B2")
        lengths.set_title(f"{data.language}: {data.clips:,} clips, {_duration(data.hours)}", fontsize=9)
        lengths.set_xlabel("seconds a clip", fontsize=8)
        speakers.stairs(data.clips_per_speaker, fill=True, color="#D55E00")
        speakers.set_xlabel(f"{data.speakers:,} speakers, by clips", fontsize=8)
        speakers.set_ylabel("clips", fontsize=8)
        for panel in (lengths, speakers):
            panel.set_visible(True)
            panel.set_ylim(bottom=0)
            panel.tick_params(labelsize=7)
            panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(as_drawn(f"{suite.label}: {report.corpus}"), fontsize=10)
    return figure
