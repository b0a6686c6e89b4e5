"""`python -m bench.memory.spread FOLDER FIRST.parquet SECOND.parquet …`: several runs in one record, how they differ.

Writes FOLDER/memory.csv, every run's cells, and FOLDER/spread.csv, the spread of every line over the runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from bench.analysis.memory.breakdown import lines_of
from bench.analysis.memory.headlines import ok_records
from bench.errors import BenchError
from bench.frames import records
from bench.io.files import write_atomically, write_text

CELL = ["arm", "dtype", "batch", "beams", "positions"]


def spread_of(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """A row a cell that fitted in every run and line: smallest and largest bytes, and per cent between of their middle.

    Raises BenchError where there is none.
    """
    together = pd.concat([_lines(run) for run in runs], axis="columns", join="inner")
    if together.empty:
        raise BenchError("the runs have no cell in common that fitted; measure one suite twice")
    low, high = together.min(axis="columns"), together.max(axis="columns")
    middle = (low + high) / 2
    per_cent = (100 * (high - low) / middle.where(middle != 0)).fillna(0.0)
    return pd.DataFrame({"smallest": low, "largest": high, "spread_per_cent": per_cent.round(3)}).reset_index()


def _lines(run: pd.DataFrame) -> pd.Series:
    """Bytes by cell and line, without the lines that only a GPU has where there was none."""
    found: dict[tuple[object, ...], int] = {}
    for row in records(ok_records(run)):
        lines = lines_of(row)
        named: dict[str, int | None] = {"weights": lines.weights, "self cache": lines.own, "cross cache": lines.cross}
        named |= {"encoder states": lines.states, "transients": lines.transient, "peak": lines.peak}
        named |= {f"transients, {phase}": value for phase, value in lines.transients.items()}
        named |= {"slack": lines.slack, "context": lines.context}
        cell = tuple(row[name] for name in CELL)
        found |= {(*cell, name): value for name, value in named.items() if value is not None}
    return pd.Series(found, dtype="int64").rename_axis([*CELL, "line"])


def main(folder: str, *paths: str) -> None:
    runs = [pd.read_parquet(path) for path in paths]
    every = pd.concat([run.assign(run=number) for number, run in enumerate(runs, start=1)])
    _write(Path(folder) / "memory.csv", every)
    _write(Path(folder) / "spread.csv", spread_of(runs))


def _write(path: Path, table: pd.DataFrame) -> None:
    write_atomically(path, partial(write_text, table.to_csv(index=False)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BenchError as error:
        sys.exit(f"bench: {error}")
