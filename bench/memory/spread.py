"""`python -m bench.memory.spread FOLDER FIRST.parquet SECOND.parquet …`: several runs in one record, how they differ.

Writes FOLDER/memory.csv, every run's cells, and FOLDER/spread.csv, the spread of every line over the runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from bench.errors import BenchError
from bench.files import write_atomically, write_text
from bench.frames import records
from bench.memory.headlines import ok_records
from bench.memory.lines import lines_of

CELL = ["arm", "dtype", "batch", "beams", "positions"]


def spread_of(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """A row a cell and line: smallest and largest bytes, and per cent between them of their middle.

    Raises BenchError where the runs have other cells, or other cells that fitted.
    """
    tables = [_lines(run) for run in runs]
    if any(list(table.index) != list(tables[0].index) for table in tables):
        raise BenchError("the runs measured different cells, or not the same of them fitted; measure one suite twice")
    together = pd.concat(tables, axis="columns")
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
    for name, table in (("memory", every), ("spread", spread_of(runs))):
        write_atomically(Path(folder) / f"{name}.csv", partial(write_text, table.to_csv(index=False)))


if __name__ == "__main__":
    main(*sys.argv[1:])
