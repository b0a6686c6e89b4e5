"""Every arm of a suite under every load; and where one did not fit a GPU, the largest batch that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby, product
from typing import Any

import pandas as pd

from bench.analysis.memory.breakdown import PHASES
from bench.arms import find_arm, require_device
from bench.errors import BenchError
from bench.memory.budget import ITEMSIZE, Load
from bench.memory.workers import MemoryCell, measure_cells
from bench.suite import Suite

Row = dict[str, Any]
COLUMNS = [
    *("arm", "control", "dtype", "batch", "beams", "positions", "kv", "outcome"),
    *("weights", "own", "cross", "states", "own_claimed", "cross_claimed"),
    *(f"{phase}_{name}" for phase in PHASES for name in ("own", "cross", "peak")),
    *("reserved", "context", "process_source", "seconds"),
    *("device", "driver", "attention", "torch", "transformers"),
]
"""Of the table; empty where a load did not fit, or where there is no GPU."""
AsRow = Callable[[MemoryCell, dict[str, Any]], Row]
Measure = Callable[[Sequence[MemoryCell]], Iterator[dict[str, Any]]]


def cells_of(suite: Suite) -> list[MemoryCell]:
    """Dtype by beams by positions by batch. The encoder's positions are the model's own, known to the process alone."""
    memory = suite.memory
    grid = list(product(memory.dtype or (suite.decode.dtype,), memory.beams, memory.tokens, memory.batch))
    return [
        MemoryCell(arm, dtype, Load(batch, beams, positions, 0, ITEMSIZE[dtype], arm.kv))
        for arm in suite.arms
        for dtype, beams, positions, batch in grid
    ]


def profile_suite(argument: str, suite: Suite, device: str) -> Iterator[Row]:
    """A row an arm and load, as they are measured. Raises BenchError for a cell that cannot be measured."""
    require_device(device)
    _require_positions(suite)
    cells, rows = cells_of(suite), []
    as_row = partial(_row, suite)
    for cell, found in zip(cells, measure_cells(argument, cells, device), strict=True):
        rows.append(as_row(cell, found))
        yield rows[-1]
    if device == "cuda":
        yield from find_largest(as_row, cells, rows, lambda some: measure_cells(argument, some, device))


def _require_positions(suite: Suite) -> None:
    """Said before anything is measured: models that are missing, and positions that an arm does not have."""
    for arm in suite.arms:
        source = find_arm(arm, suite.files_of(arm))
        most = source.max_positions()
        if (longest := max(suite.memory.tokens)) > most:
            raise BenchError(f"memory.tokens = {longest}: arm {arm.id} has {most} positions at most")


def find_largest(as_row: AsRow, cells: Sequence[MemoryCell], rows: Sequence[Row], measure: Measure) -> Iterator[Row]:
    """By bisection, for every arm, dtype, beams and positions of which a batch did not fit: a row a batch tried."""
    pairs = zip(cells, rows, strict=True)
    for _, group in groupby(pairs, key=lambda pair: (pair[0].arm.id, pair[0].dtype, replace(pair[0].load, batch=0))):
        tried = list(group)
        low = max((cell.load.batch for cell, row in tried if row["outcome"] == "ok"), default=0)
        high = min((cell.load.batch for cell, row in tried if row["outcome"] != "ok"), default=0)
        while high - low > 1:
            middle = (low + high) // 2
            cell = replace(tried[0][0], load=replace(tried[0][0].load, batch=middle))
            (found,) = measure([cell])
            yield as_row(cell, found)
            low, high = (middle, high) if found["outcome"] == "ok" else (low, middle)


def table_of(suite: Suite, rows: Sequence[Row]) -> pd.DataFrame:
    """Arms as the suite names them, loads from small to large."""
    order = {arm.id: number for number, arm in enumerate(suite.arms)}
    keys = ["arm", "dtype", "beams", "positions", "batch"]
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return table.sort_values(keys, key=lambda column: column.replace(order), ignore_index=True)


def _row(suite: Suite, cell: MemoryCell, found: dict[str, Any]) -> Row:
    """Flat: a phase's figures become columns of their own."""
    control = suite.control_of(cell.arm)
    load = {name: value for name, value in asdict(cell.load).items() if name not in ("frames", "itemsize")}
    phases = {
        f"{phase}_{name}": value
        for phase, of_phase in found.get("phases", {}).items()
        for name, value in of_phase.items()
    }
    about = {"arm": cell.arm.id, "control": control.id if control else None, "dtype": cell.dtype}
    return about | load | {name: value for name, value in found.items() if name != "phases"} | phases
