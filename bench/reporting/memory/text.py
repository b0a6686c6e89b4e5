"""The memory of a suite's arms: contradictions first, then what may be said of each arm, then every cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from bench.files import write_atomically, write_text
from bench.frames import records
from bench.memory.capacity import capacities_of
from bench.memory.headlines import ClipBytes, clip_bytes, headlines_of
from bench.memory.peaks import PeakCut, peak_cuts
from bench.memory.records import MemoryRecords
from bench.reporting.format import mebibytes, percent
from bench.reporting.memory.figures import write_memory_figures
from bench.reporting.memory.tables import capacity_table, cells_table, headline_table
from bench.suite import RANDOM, Suite

LEGEND = (
    "Bytes of live tensors after the last token, each arm and load in a fresh process; every clip is decoded to the "
    "same length. decode cache: all that attention reads at a step. In brackets: against the arm's control. claimed: "
    "what the config says, in closed form. encoder states stay for the whole of decoding; where cross-attention "
    "attends them themselves, they are its cache and counted once."
)
WITHOUT_GPU = "no GPU: peaks, slack, the process's bytes and the time a token are absent, not estimated."
WITH_GPU = (
    "weights + self cache + cross cache + encoder states + transients = peak allocated; + slack, which the allocator "
    "keeps in reserve, + context, what the driver says of the {source} beyond that = its bytes. Transients of a phase "
    "are beside what is held at its end; workspaces of the GPU's libraries are among them."
)


def write_memory(suite: Suite, memory: MemoryRecords, folder: Path) -> str:
    """Writes memory.md and its pictures; returns the text."""
    text = render_memory(suite, memory)
    write_atomically(folder / "memory.md", partial(write_text, text))
    clips = clip_bytes(memory.table)
    if clips:
        about, capacities = about_memory(suite, memory.table), capacities_of(memory.table, clips)
        write_memory_figures(suite, about, clips, capacities, memory.transcripts, folder)
    return text


def about_memory(suite: Suite, table: pd.DataFrame) -> str:
    """What pins the numbers: one line."""
    row = records(table)[0]
    weights = "random weights, " if any(arm.model.startswith(RANDOM) for arm in suite.arms) else ""
    device = f"{row['device']}, driver {row['driver']}" if row["driver"] else row["device"]
    dtypes = ", ".join(dict.fromkeys(table["dtype"]))
    return (
        f"{suite.label}: {suite.name}, {weights}{device}, {dtypes}, {row['attention']} attention, torch "
        f"{row['torch']}, transformers {row['transformers']}"
    )


def render_memory(suite: Suite, memory: MemoryRecords) -> str:
    table, clips = memory.table, clip_bytes(memory.table)
    headlines = headlines_of(clips, memory.transcripts)
    cuts = peak_cuts(table)
    parts = [*_contradictions(clips), about_memory(suite, table)]
    if headlines:
        parts += [headline_table(headlines), *([] if memory.transcripts else [NO_TRANSCRIPTS]), *_story(cuts)]
        parts += [capacity_table(capacities_of(table, clips))]
    parts += [cells_table(table), LEGEND, _about_gpu(table)]
    return "\n\n".join(parts) + "\n"


NO_TRANSCRIPTS = "No transcript of this suite is decoded yet, so none says how long they are."


def _contradictions(clips: Sequence[ClipBytes]) -> list[str]:
    return [
        f"**{clip.arm.upper()} HOLDS {abs(clip.contradiction):,.0f} BYTES A CLIP "
        f"{'MORE' if clip.contradiction > 0 else 'LESS'} THAN ITS CONFIG CLAIMS ({clip.dtype}).**"
        for clip in clips
        if clip.contradiction
    ]


def _story(cuts: Sequence[PeakCut]) -> list[str]:
    """One paragraph: of the arm that saves most under its largest load, why its peak shrinks by less."""
    if not cuts:
        return []
    cut = max(cuts, key=lambda each: (each.load, each.saved))
    clips, beams, positions = cut.load
    lines, control = cut.lines, cut.control_lines
    changes = {"self-attention cache": cut.own, "decode cache": cut.decode_cache}
    changes |= {"allocated peak": cut.peak, "process": cut.process}
    said = ", ".join(f"its {name} {percent(change)}" for name, change in changes.items() if change is not None)
    parts = ", ".join(f"{share:.1f} % {name}" for name, share in cut.shares.items())
    return [
        f"Why the peak shrinks by less than the cache: {cut.arm} against {cut.control}, {clips} clips x {beams} beams "
        f"at {positions} positions: {said}. The control's peak is {parts}. The conversion takes "
        f"{mebibytes(cut.saved)} off caches and encoder states; weights differ by "
        f"{mebibytes(lines.weights - control.weights)}, transients by "
        f"{mebibytes((lines.transient or 0) - (control.transient or 0))}, and "
        f"{mebibytes((lines.slack or 0) + (lines.context or 0))} of slack and context come on top, whatever is cached."
    ]


def _about_gpu(table: pd.DataFrame) -> str:
    sources = list(dict.fromkeys(table["process_source"].dropna())) if "process_source" in table else []
    return WITH_GPU.format(source=" or ".join(sources)) if sources else WITHOUT_GPU
