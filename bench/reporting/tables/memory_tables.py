"""The tables of a memory report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bench.analysis.memory.breakdown import PHASES, lines_of
from bench.analysis.memory.capacity import LIMITS, Capacity
from bench.analysis.memory.headlines import Headline, Quantity
from bench.frames import records
from bench.reporting.text.format import counted, mebibytes, percent
from bench.reporting.text.markdown import markdown_table

TOLD_FROM = {
    True: "measured: in proportion between and beyond the batches tried, everything included",
    False: "closed form: weights, caches and encoder states alone; transients, slack and context come on top",
}


def headline_table(headlines: Sequence[Headline], load: tuple[int, int, int] | None) -> str:
    names = list(headlines[0].quantities)
    several = len({headline.clip.dtype for headline in headlines}) > 1
    rows = [
        [
            f"{each.clip.arm}, {each.clip.dtype}" if several else each.clip.arm,
            *(quantity(each.quantities[name]) for name in names),
        ]
        for each in headlines
    ]
    about = "Caches and encoder states are of one clip without beams."
    if load is not None and "peak allocated" in names:
        positions, clips, beams = load
        load_words = f"{counted(clips, 'clip')} x {counted(beams, 'beam')} at {positions} positions"
        about += f" Peak and process: {load_words}, which every arm fitted."
    return markdown_table(["arm", *names], rows) + "\n\n" + about


def capacity_table(capacities: Sequence[Capacity]) -> str:
    """Clips at once that common GPUs hold."""
    header = ["arm", "dtype", "positions", "fixed", "a clip", *(f"{limit} GB" for limit in LIMITS), "found by trying"]
    rows = [
        [
            *(each.arm, each.dtype, str(each.positions), mebibytes(each.fixed), mebibytes(each.a_clip)),
            *(f"{each.largest_batch(limit):,}" for limit in LIMITS),
            "" if each.found is None else f"{each.found:,}",
        ]
        for each in capacities
    ]
    told = "; ".join(dict.fromkeys(TOLD_FROM[each.measured] for each in capacities))
    return (
        f"## The largest batch that fits\n\n{markdown_table(header, rows)}\n\n{told[0].upper()}{told[1:]}. GB: of 2^30."
    )


def cells_table(table: pd.DataFrame) -> str:
    header = ["arm", "dtype", "batch", "beams", "positions", "weights", "self cache", "claimed", "cross cache"]
    header += ["claimed", "encoder states"]
    on_gpu = table["reserved"].notna().any()
    header += (
        [*(f"transients, {phase}" for phase in PHASES), "peak", "in", "slack", "context", "ms a token"]
        if on_gpu
        else []
    )
    rows = [_cell(row, len(header)) for row in records(table)]
    return "## Every cell\n\n" + markdown_table(header, rows)


def _cell(row: dict[str, Any], columns: int) -> list[str]:
    load = [str(row[name]) for name in ("arm", "dtype", "batch", "beams", "positions")]
    if row["outcome"] != "ok":
        return [*load, row["outcome"], *[""] * (columns - len(load) - 1)]
    lines = lines_of(row)
    own, cross = (None if pd.isna(row[f"{name}_claimed"]) else int(row[f"{name}_claimed"]) for name in ("own", "cross"))
    sizes = [lines.weights, lines.own, own, lines.cross, cross, lines.states]
    gpu = [*lines.transients.values(), lines.peak, lines.peak_phase, lines.slack, lines.context]
    seconds = "" if pd.isna(row["seconds"]) else f"{1000 * row['seconds']:.2f}"
    return [*load, *map(_number, sizes), *map(_number, gpu), seconds][:columns]


def quantity(each: Quantity) -> str:
    """Bytes or MiB and, in brackets, how far that is off the control's; nothing where it is not known."""
    if each.value is None:
        return ""
    text = f"{each.value:,.0f} B" if each.value < 2**20 else mebibytes(each.value)
    return text + (f" ({percent(each.change)})" if each.change else "")


def _number(value: float | str | None) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else value or ""
