"""The tables of a memory report."""

from __future__ import annotations

from collections.abc import Sequence

from bench.analysis.memory.breakdown import has_peaks, lines_of
from bench.analysis.memory.capacity import LIMITS, Capacity
from bench.analysis.memory.headlines import Headline, Quantity
from bench.memory_records import PHASES, Load, MemoryRecord
from bench.reporting.text.format import counted, mebibytes, percent
from bench.reporting.text.markdown import markdown_table

CAPACITY_NOTES = {
    True: "measured: in proportion between and beyond the batches tried, everything included",
    False: "closed form: weights, caches and encoder states alone; transients, slack and context come on top",
}


def headline_table(headlines: Sequence[Headline], load: Load | None) -> str:
    """A row an arm; `load`: of the peaks, which every arm fitted."""
    names = list(headlines[0].quantities)
    several = len({headline.clip.dtype for headline in headlines}) > 1
    rows = [
        [
            f"{headline.clip.arm}, {headline.clip.dtype}" if several else headline.clip.arm,
            *(quantity_cell(headline.quantities[name]) for name in names),
        ]
        for headline in headlines
    ]
    note = "Caches and encoder states are of one clip without beams."
    if load is not None and "peak allocated" in names:
        load_words = f"{counted(load.batch, 'clip')} x {counted(load.beams, 'beam')} at {load.positions} positions"
        note += f" Peak and process: {load_words}, which every arm fitted."
    return markdown_table(["arm", *names], rows) + "\n\n" + note


def capacity_table(capacities: Sequence[Capacity]) -> str:
    """Clips at once that common GPUs hold."""
    header = ["arm", "dtype", "positions", "fixed", "a clip", *(f"{limit} GB" for limit in LIMITS), "found by trying"]
    rows = [
        [
            *(capacity.arm, capacity.dtype, str(capacity.positions)),
            *(mebibytes(capacity.fixed), mebibytes(capacity.a_clip)),
            *(f"{capacity.largest_batch(limit):,}" for limit in LIMITS),
            "" if capacity.largest_tried is None else f"{capacity.largest_tried:,}",
        ]
        for capacity in capacities
    ]
    note = "; ".join(dict.fromkeys(CAPACITY_NOTES[capacity.measured] for capacity in capacities))
    return (
        f"## The largest batch that fits\n\n{markdown_table(header, rows)}\n\n{note[0].upper()}{note[1:]}. GB: of 2^30."
    )


def cells_table(records: Sequence[MemoryRecord]) -> str:
    """A row a record: its lines, or how it went where it did not fit."""
    header = ["arm", "dtype", "batch", "beams", "positions", "weights", "self cache", "claimed", "cross cache"]
    header += ["claimed", "encoder states"]
    if has_peaks(records):
        header += [*(f"transients, {phase}" for phase in PHASES), "peak", "in", "slack", "context", "ms a token"]
    rows = [_cell(record, len(header)) for record in records]
    return "## Every cell\n\n" + markdown_table(header, rows)


def _cell(record: MemoryRecord, columns: int) -> list[str]:
    load, measured = record.load, record.measured
    named = [record.arm, record.dtype, str(load.batch), str(load.beams), str(load.positions)]
    if measured is None:
        return [*named, record.outcome, *[""] * (columns - len(named) - 1)]
    lines = lines_of(measured)
    sizes = [lines.weights, lines.own, measured.own_claimed, lines.cross, measured.cross_claimed, lines.states]
    gpu = [*lines.transients.values(), lines.peak, lines.peak_phase, lines.slack, lines.context]
    seconds = "" if measured.seconds is None else f"{1000 * measured.seconds:.2f}"
    return [*named, *map(_number, sizes), *map(_number, gpu), seconds][:columns]


def quantity_cell(quantity: Quantity) -> str:
    """Bytes or MiB and, in brackets, how far that is off the control's; nothing where it is not known."""
    value = quantity.value
    if value is None:
        return ""
    text = f"{value:,.0f} B" if value < 2**20 else mebibytes(value)
    return text + (f" ({percent(quantity.change)})" if quantity.change else "")


def _number(value: int | str | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or ""
