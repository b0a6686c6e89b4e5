"""Decodes against the manifest, and stored tables against the same recomputed."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.errors import BenchError
from bench.io.places import Place
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
PINS = (b"signature", b"clips", b"inputs")


def changed_parts(store: Store) -> Iterator[str]:
    for arm_id, arm in store.read_manifest().arms.items():
        for key, expected in arm.hashes.items():
            if not store.has_part(key):
                yield f"{store.part_path(key)}: missing (arm {arm_id}); run `bench run` on this suite"
                continue
            try:
                changed = store.hash_part(key) != expected
            except BenchError as error:
                yield str(error)
                continue
            if changed:
                yield f"{store.part_path(key)}: not what was decoded (arm {arm_id}); delete it and run `bench run`"


def changed_table(path: Place, stored: pd.DataFrame, expected: pd.DataFrame) -> Iterator[str]:
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
    """Stored counts and results against the same recomputed; `fresh` holds the counts, as Parquet gives them back.

    Where they are equal, their files against the hashes that reading them asks for.
    """
    differences = [*_changed_values(store, fresh, tables)]
    yield from differences
    if differences:
        return
    try:
        store.require_sums()
    except BenchError as error:
        yield str(error)


def _changed_values(store: Store, fresh: Store, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for name, expected in {"counts": fresh.read_arrow(fresh.counts_path), **tables}.items():
        path = store.table_path(name)
        try:
            stored = store.read_arrow(path)
        except BenchError as error:
            yield str(error)
            continue
        differences = list(changed_table(path, stored.to_pandas(), expected.to_pandas()))
        yield from differences or changed_pins(path, stored, expected)


def changed_pins(path: Place, stored: pa.Table, expected: pa.Table) -> Iterator[str]:
    """What a table says that pins it, where that is another than expected."""
    pins = stored.schema.metadata or {}
    for name, value in (expected.schema.metadata or {}).items():
        if name in PINS and pins.get(name) != value:
            yield f"{path}: its {name.decode()} is not what its decodes give; run `bench compare`"
            return
