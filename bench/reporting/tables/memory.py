"""The memory of a suite's arms: contradictions first, then what may be said of each arm, then every cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from bench.analysis.memory.breakdown import Lines, has_peaks
from bench.analysis.memory.capacity import capacities_of
from bench.analysis.memory.contradictions import Contradiction, contradictions_of
from bench.analysis.memory.headlines import clip_bytes, common_load, headlines_of
from bench.analysis.memory.peaks import PeakCut, largest_saving, peak_cuts
from bench.analysis.memory.records import MemoryRecords
from bench.io.files import write_atomically, write_text
from bench.memory_records import MemoryRecord
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
    clips = clip_bytes(memory.records)
    if clips:
        provenance, capacities = provenance_of(suite, memory.records), capacities_of(memory.records, clips)
        write_memory_figures(suite, provenance, clips, capacities, memory.transcripts, folder)
    return text


def provenance_of(suite: Suite, records: Sequence[MemoryRecord]) -> str:
    """What pins the numbers: one line."""
    environments = [record.environment for record in records if record.environment is not None]
    weights = "random weights, " if any(arm.model.startswith(RANDOM) for arm in suite.arms) else ""
    device = _distinct(environment.device for environment in environments)
    driver = _distinct(environment.driver for environment in environments)
    return (
        f"{suite.label}: suite {suite.name}, {weights}{device}{f', driver {driver}' if driver else ''}, "
        f"{_distinct(record.dtype for record in records)}, "
        f"{_distinct(environment.attention for environment in environments)} attention, "
        f"torch {_distinct(environment.torch for environment in environments)}, "
        f"transformers {_distinct(environment.transformers for environment in environments)}"
    )


def _distinct(values: Iterable[str | None]) -> str:
    """The values, each once, in their order."""
    return ", ".join(dict.fromkeys(value for value in values if value is not None))


def render_memory(suite: Suite, memory: MemoryRecords) -> str:
    """The text of memory.md."""
    records, clips = memory.records, clip_bytes(memory.records)
    parts = [*map(contradiction_line, contradictions_of(records)), inline(provenance_of(suite, records))]
    if clips:
        parts += [headline_table(headlines_of(records, clips, memory.transcripts), common_load(records))]
        parts += [] if memory.transcripts else [NO_TRANSCRIPTS]
        parts += [_peak_paragraph(largest_saving(peak_cuts(records))), capacity_table(capacities_of(records, clips))]
    parts += [cells_table(records), LEGEND, _gpu_note(records)]
    return "\n\n".join(filter(None, parts)) + "\n"


def contradiction_line(contradiction: Contradiction) -> str:
    """One sentence, in capitals: a cache is not what its model says it is."""
    load, held, claimed = contradiction.load, contradiction.held, contradiction.claimed
    more = "MORE" if held > claimed else "LESS"
    return (
        f"**{contradiction.arm.upper()} HOLDS {contradiction.size:,} BYTES {more} THAN ITS CONFIG CLAIMS** of "
        f"{contradiction.cache} cache: {held:,}, not {claimed:,} ({contradiction.dtype}, {load.batch} clips x "
        f"{load.beams} beams, {load.positions} positions)."
    )


def _peak_paragraph(cut: PeakCut | None) -> str:
    """What the cut of the arm that saves most does to the peak, and what else the peak is made of."""
    if cut is None:
        return ""
    load, lines, control = cut.load, cut.lines, cut.control_lines
    changes = {"self-attention cache": cut.own, "decode cache": cut.decode_cache}
    changes |= {"allocated peak": cut.peak, "process": cut.process}
    changed = ", ".join(f"its {name} {percent(change)}" for name, change in changes.items() if change is not None)
    parts = ", ".join(f"{share:.1f} % {name}" for name, share in cut.shares.items() if share)
    return (
        f"The cut of the cache and the peak: {cut.arm} against {cut.control}, {load.batch} clips x {load.beams} beams "
        f"at {load.positions} positions: {changed}. The control's peak is in the phase {control.peak_phase} and made "
        f"of {parts}; {cut.arm}'s is in {lines.peak_phase}. The conversion takes {mebibytes(cut.saved)} off what is "
        f"held at the end in caches and encoder states; weights differ by "
        f"{mebibytes(lines.weights - control.weights)}; slack and context, which come on top, are "
        f"{_slack_and_context(lines)} ({_slack_and_context(control)} of the control)."
    )


def _slack_and_context(lines: Lines) -> str:
    return mebibytes((lines.slack or 0) + (lines.context or 0))


def _gpu_note(records: Sequence[MemoryRecord]) -> str:
    """What the figures of a GPU are; or that there are none."""
    if not has_peaks(records):
        return WITHOUT_GPU
    measured = [record.measured for record in records if record.measured is not None]
    sources = " or ".join(
        dict.fromkeys(bytes_.process_source for bytes_ in measured if bytes_.process_source is not None)
    )
    return WITH_GPU.format(source=sources) if sources else f"{WITH_GPU.format(source='process')} {NOT_ASKED}"
