"""A corpus as text and as a list of clips; its picture is drawn beside them."""

from functools import partial
from pathlib import Path

import numpy as np

from bench.data import TOP, DataReport, LanguageData
from bench.io.files import write_atomically, write_text
from bench.reporting.figures.corpus import draw_data
from bench.reporting.figures.saving import save_figure
from bench.reporting.text.markdown import inline, markdown_table
from bench.suite import Suite
from bench.visible import no_formula, visible

LEGEND = (
    "effective: how many speakers of equally many clips would weigh the same. seconds, reference: median (5th to 95th "
    "percentile); seconds and hours of the readable clips; a reference's length in words, in characters where CER is "
    "the cost. clips.tsv lists the ids."
)


def write_data(suite: Suite, report: DataReport, folder: Path) -> str:
    """Writes data.md, clips.tsv (the sampled ids), data.svg and data.png; returns the text."""
    text = render_data(suite, report)
    clips = "".join(f"{data.language}\t{no_formula(visible(name))}\n" for data in report.languages for name in data.ids)
    write_atomically(folder / "data.md", partial(write_text, text))
    write_atomically(folder / "clips.tsv", partial(write_text, f"language\tid\n{clips}"))
    pinned = ", ".join(f"{data.language} {data.fingerprint}" for data in report.languages)
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
    faults = [*report.notes, *(line for data in report.languages for line in _faults(data))]
    lines = [f"- {inline(line)}" for line in faults]
    if report.unread:
        lines.append(f"- training list: {report.unread:,} rows cannot be read and are not counted")
    parts = [
        f"{suite.label}: {inline(report.corpus)}",
        markdown_table(header, [_row(data) for data in report.languages]),
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
