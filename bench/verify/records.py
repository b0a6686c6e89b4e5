"""Decodes against the manifest, and stored tables against the same recomputed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.errors import BenchError
from bench.store import Store

KEYS = [
    "arm",
    "seed",
    "of",
    "language",
    "condition",
    "metric",
    "utterance_id",
    "quantity",
    "statistic",
    "slice",
    "value",
]
"""Columns that say which row of a table is meant."""


def changed_parts(store: Store) -> Iterator[str]:
    for arm_id, arm in store.read_manifest()["arms"].items():
        for key, expected in arm["hashes"].items():
            if not store.has_part(key):
                yield f"{store.part_path(key)}: missing (arm {arm_id}); run `bench run` on this suite"
            elif store.hash_part(key) != expected:
                yield f"{store.part_path(key)}: not what was decoded (arm {arm_id}); delete it and run `bench run`"


def changed_table(path: Path, stored: pd.DataFrame, expected: pd.DataFrame) -> Iterator[str]:
    """The first row and column in which a stored table is not the one that is expected."""
    if list(stored.columns) != list(expected.columns) or len(stored) != len(expected):
        shapes = [f"{table.shape[0]} rows and {table.shape[1]} columns" for table in (stored, expected)]
        yield f"{path}: {shapes[0]}, recomputed {shapes[1]}; run `bench compare`"
        return
    for column in expected:
        old, new = (_comparable(table[column]) for table in (stored, expected))
        differing = (old != new) & ~(old.isna() & new.isna())
        if differing.any():
            row = int(differing.to_numpy().argmax())
            where = ", ".join(f"{key} {expected[key][row]}" for key in KEYS if key in expected and key != column)
            yield (
                f"{path}: {column} of row {row} ({where}) is {old[row]!r}, recomputed {new[row]!r}; run `bench compare`"
            )
            return


def _comparable(column: pd.Series) -> pd.Series:
    """Lists as texts."""
    if not any(isinstance(value, np.ndarray) for value in column):
        return column
    return column.map(lambda value: value if value is None else ", ".join(value))


def changed_tables(store: Store, fresh: Store, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    """Stored counts and results against the same recomputed; `fresh` holds the counts, as Parquet gives them back."""
    expected = {"counts": fresh.read_table(fresh.counts_path)}
    expected |= {name: table.to_pandas() for name, table in tables.items()}
    for name, table in expected.items():
        path = store.table_path(name)
        try:
            stored = store.read_table(path)
        except BenchError as error:
            yield str(error)
            continue
        yield from changed_table(path, stored, table)
