"""`python -m bench.analysis.memory.spread FOLDER FIRST.parquet SECOND.parquet …`: how several runs of a suite differ.

Writes FOLDER/memory.csv, every run's cells, and FOLDER/spread.csv, the spread of every line over the runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from bench.analysis.memory.breakdown import Lines, fitted_lines
from bench.errors import BenchError
from bench.io.files import write_atomically, write_text
from bench.memory_records import MEMORY, MemoryRecord, read_records


@dataclass(frozen=True)
class LineSpread:
    """One line of a cell in bytes over several runs: smallest, largest, and per cent between of their middle."""

    arm: str
    dtype: str
    batch: int
    beams: int
    positions: int
    line: str
    smallest: int
    largest: int
    spread_per_cent: float


LineKey = tuple[str, str, int, int, int, str]
"""Arm, dtype, clips, beams, positions, line."""


def spread_of(runs: Sequence[Sequence[MemoryRecord]]) -> list[LineSpread]:
    """The spread of every line of every cell that fitted in every run. Raises BenchError where there is none."""
    first, *others = (dict(_lines_by_cell(run)) for run in runs)
    spreads = [
        _spread(key, [run[key] for run in (first, *others)]) for key in first if all(key in run for run in others)
    ]
    if not spreads:
        raise BenchError("the runs have no cell in common that fitted; measure one suite twice")
    return spreads


def _spread(key: LineKey, sizes: Sequence[int]) -> LineSpread:
    smallest, largest = min(sizes), max(sizes)
    middle = (smallest + largest) / 2
    return LineSpread(*key, smallest, largest, round(100 * (largest - smallest) / middle, 3) if middle else 0.0)


def _lines_by_cell(records: Sequence[MemoryRecord]) -> Iterator[tuple[LineKey, int]]:
    """Bytes by cell and line, without the lines that only a GPU has where there was none."""
    for record, lines in fitted_lines(records):
        load = record.load
        for name, size in _named(lines).items():
            if size is not None:
                yield (record.arm, record.dtype, load.batch, load.beams, load.positions, name), size


def _named(lines: Lines) -> dict[str, int | None]:
    return {
        "weights": lines.weights,
        "self cache": lines.own,
        "cross cache": lines.cross,
        "encoder states": lines.states,
        "transients": lines.transient,
        "peak": lines.peak,
        **{f"transients, {phase}": size for phase, size in lines.transients.items()},
        "slack": lines.slack,
        "context": lines.context,
    }


def main(folder: str, *paths: str) -> None:
    """Writes both tables."""
    runs = [read_records(Path(path)) for path in paths]
    tables = [MEMORY.table(run, pins={}).to_pandas(integer_object_nulls=True) for run in runs]
    _write(Path(folder) / "memory.csv", pd.concat([table.assign(run=run) for run, table in enumerate(tables, start=1)]))
    _write(Path(folder) / "spread.csv", pd.DataFrame(spread_of(runs)))


def _write(path: Path, table: pd.DataFrame) -> None:
    write_atomically(path, partial(write_text, table.to_csv(index=False)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BenchError as error:
        sys.exit(f"bench: {error}")
