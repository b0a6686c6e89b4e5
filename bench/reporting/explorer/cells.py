"""The page's table of cells, formatted as everywhere; each number with a value to sort by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.comparing import Comparison
from bench.reporting.explorer.page import Cell, Table
from bench.reporting.text.cells import metric_note
from bench.reporting.text.format import cost_interval, interval, mark, rate, signed, verdict


def cells_table(costs: Sequence[Comparison], margin: float | None) -> Table:
    """A row an arm, language and condition, by the language's own metric; the cost first."""
    names = ["arm", "language", "condition", "cost", "95 % interval", "verdict", "control", "converted", "mark"]
    names += ["relative", "clips", "speakers", "alone", "† by", "runaways", "control's runaways", "loops"]
    names += ["control's loops"]
    return {"columns": names, "rows": [_cell_row(row, margin) for row in costs]}


def _cell_row(row: Comparison, margin: float | None) -> list[Cell]:
    delta, relative, sample = row.delta, row.relative, row.sample
    ours, theirs = row.result, row.control_result
    of_metric = f"{signed(delta.value)}{metric_note(row.metric)}"
    return [
        str(row.arm),
        row.language,
        row.condition,
        sorted_number(of_metric, delta.value),
        sorted_number(cost_interval(row), row.interval.high - row.interval.low),
        verdict(row, margin),
        sorted_number(rate(row.control_result.rate), row.control_result.rate),
        sorted_number(rate(row.rate.value), row.rate.value),
        sorted_number(mark(row), row.verdict.p_adjusted),
        sorted_number("n/a" if math.isnan(relative.value) else f"{signed(relative.value, 0)} %", relative.value),
        *(sorted_number(str(count), count) for count in (sample.clips, sample.speakers)),
        sorted_number(interval(delta.low, delta.high), delta.high - delta.low),
        ", ".join(row.verdict.dissenting),
        *(sorted_number(str(count), count) for count in (ours.runaways, theirs.runaways, ours.loops, theirs.loops)),
    ]


def sorted_number(text: str, value: float) -> Cell:
    """No number sorts below every number."""
    return [text, float(value) if math.isfinite(value) else None]
