"""The memory of a suite's arms: contradictions first, then what may be said of each arm, then every cell."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from bench.analysis.memory.capacity import capacities_of
from bench.analysis.memory.contradictions import Contradiction, contradictions_of
from bench.analysis.memory.headlines import clip_bytes, common_load, headlines_of
from bench.analysis.memory.peaks import PeakCut, largest_saving, peak_cuts
from bench.analysis.memory.records import MemoryRecords
from bench.io.files import write_atomically, write_text
from bench.reporting.figures.memory import write_memory_figures
from bench.reporting.tables.memory_tables import capacity_table, cells_table, headline_table
from bench.reporting.text.format import mebibytes, percent
from bench.reporting.text.markdown import inline
from bench.suite import RANDOM, Suite

LEGEND = (
    "Bytes of live tensors after the last token, each arm and load in a fresh process; every clip is decoded to the "
    "same length. decode cache: all that attention reads at a step. In brackets: against the arm's control. claimed: "
    "what the config says, in closed form. encoder states stay for the whole of decoding; where cross-attention "
    "attends them themselves, they are its cache and counted once."
)
NO_TRANSCRIPTS = "No transcript of this suite is decoded yet, so none says how long they are."
ABOUT = ("device", "driver", "dtype", "attention", "torch", "transformers")
WITHOUT_GPU = "no GPU: peaks, slack, the process's bytes and the time a token are absent, not estimated."
NOT_ASKED = "The driver could not be asked here, so there is no context."
WITH_GPU = (
    "weights + self cache + cross cache + encoder states + transients = peak allocated; + slack, the most that the "
    "allocator kept in reserve, + context, what the driver says of the {source} beyond the allocator = process. "
    "Transients of a phase are beside what is held at its end (no cache while encoding); workspaces of the GPU's "
    "libraries are among them."
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
    said = {name: ", ".join(dict.fromkeys(table[name].dropna().astype(str))) for name in ABOUT}
    weights = "random weights, " if any(arm.model.startswith(RANDOM) for arm in suite.arms) else ""
    driver = f", driver {said['driver']}" if said["driver"] else ""
    return (
        f"{suite.label}: suite {suite.name}, {weights}{said['device']}{driver}, {said['dtype']}, {said['attention']} "
        f"attention, torch {said['torch']}, transformers {said['transformers']}"
    )


def render_memory(suite: Suite, memory: MemoryRecords) -> str:
    table, clips = memory.table, clip_bytes(memory.table)
    parts = [*map(contradiction_line, contradictions_of(table)), inline(about_memory(suite, table))]
    if clips:
        parts += [headline_table(headlines_of(table, clips, memory.transcripts), common_load(table))]
        parts += [] if memory.transcripts else [NO_TRANSCRIPTS]
        parts += [_story(largest_saving(peak_cuts(table))), capacity_table(capacities_of(table, clips))]
    parts += [cells_table(table), LEGEND, _about_gpu(table)]
    return "\n\n".join(filter(None, parts)) + "\n"


def contradiction_line(each: Contradiction) -> str:
    """In capitals: a cache is not what its model says it is."""
    clips, beams, positions = each.load
    more = "MORE" if each.held > each.claimed else "LESS"
    return (
        f"**{each.arm.upper()} HOLDS {abs(each.held - each.claimed):,} BYTES {more} THAN ITS CONFIG CLAIMS** of "
        f"{each.cache} cache: {each.held:,}, not {each.claimed:,} ({each.dtype}, {clips} clips x {beams} beams, "
        f"{positions} positions)."
    )


def _story(cut: PeakCut | None) -> str:
    """One paragraph: what the cut of the arm that saves most does to the peak, and what else the peak is made of."""
    if cut is None:
        return ""
    clips, beams, positions = cut.load
    lines, control = cut.lines, cut.control_lines
    changes = {"self-attention cache": cut.own, "decode cache": cut.decode_cache}
    changes |= {"allocated peak": cut.peak, "process": cut.process}
    said = ", ".join(f"its {name} {percent(change)}" for name, change in changes.items() if change is not None)
    parts = ", ".join(f"{share:.1f} % {name}" for name, share in cut.shares.items() if share)
    mine, its = (mebibytes((each.slack or 0) + (each.context or 0)) for each in (lines, control))
    return (
        f"The cut of the cache and the peak: {cut.arm} against {cut.control}, {clips} clips x {beams} beams at "
        f"{positions} positions: {said}. The control's peak is in the phase {control.peak_phase} and made of {parts}; "
        f"{cut.arm}'s is in {lines.peak_phase}. The conversion takes {mebibytes(cut.saved)} off what is held at the "
        f"end in caches and encoder states; weights differ by {mebibytes(lines.weights - control.weights)}; slack and "
        f"context, which come on top, are {mine} ({its} of the control)."
    )


def _about_gpu(table: pd.DataFrame) -> str:
    if table["reserved"].isna().all():
        return WITHOUT_GPU
    sources = " or ".join(dict.fromkeys(table["process_source"].dropna()))
    return WITH_GPU.format(source=sources) if sources else f"{WITH_GPU.format(source='process')} {NOT_ASKED}"
