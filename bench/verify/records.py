"""Decodes against the manifest, and stored tables against the same recomputed."""

from collections.abc import Iterator

import pandas as pd

from bench.compare import Tables
from bench.errors import BenchError
from bench.store import Store

KEYS = ["arm", "seed", "language", "condition", "metric", "utterance_id", "statistic", "slice", "value", "floors"]
"""Columns that say which row of a table is meant."""


def changed_parts(store: Store) -> Iterator[str]:
    for arm_id, arm in store.read_manifest()["arms"].items():
        for key, expected in arm["hashes"].items():
            if not store.has_part(key):
                yield f"{store.part_path(key)}: missing (arm {arm_id}); run `bench run` on this suite"
            elif store.hash_part(key) != expected:
                yield f"{store.part_path(key)}: not what was decoded (arm {arm_id}); delete it and run `bench run`"


def changed_table(store: Store, fresh: Store, name: str, table: pd.DataFrame) -> Iterator[str]:
    """Both sides as Parquet gives them back, so that a missing value is the same on either."""
    fresh.write_table(fresh.table_path(name), table)
    expected, path = fresh.read_table(fresh.table_path(name)), store.table_path(name)
    try:
        stored = store.read_table(path)
    except BenchError as error:
        yield str(error)
        return
    if list(stored.columns) != list(expected.columns) or len(stored) != len(expected):
        shapes = [f"{table.shape[0]} rows and {table.shape[1]} columns" for table in (stored, expected)]
        yield f"{path}: {shapes[0]}, recomputed {shapes[1]}; run `bench compare`"
        return
    for column in expected:
        differing = (stored[column] != expected[column]) & ~(stored[column].isna() & expected[column].isna())
        if differing.any():
            row = int(differing.to_numpy().argmax())
            where = ", ".join(f"{key} {expected[key][row]}" for key in KEYS if key in expected and key != column)
            yield (
                f"{path}: {column} of row {row} ({where}) is {stored[column][row]!r}, recomputed "
                f"{expected[column][row]!r}; run `bench compare`"
            )
            return


def as_stored(tables: Tables, fresh: Store) -> Tables:
    return Tables(**{name: fresh.read_table(fresh.table_path(name)) for name in tables.named()})
