"""The stored tables: the only place where results become rows, and rows results again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from bench.comparing.results import Results
from bench.comparing.schema.comparisons import COMPARISONS
from bench.comparing.schema.others import INTERACTIONS, NEW_LANGUAGES, SEEDS, SLICES, SUMMARIES, THRESHOLDS, TRAINING
from bench.io.columns import Column, Schema

__all__ = [
    "COMPARISONS",
    "INTERACTIONS",
    "SCHEMAS",
    "SLICES",
    "THRESHOLDS",
    "Column",
    "Schema",
    "results_of",
    "tables_of",
]

SCHEMAS: Mapping[str, Schema[Any]] = {
    "measurements": COMPARISONS,
    "summaries": SUMMARIES,
    "slices": SLICES,
    "seeds": SEEDS,
    "training": TRAINING,
    "interactions": INTERACTIONS,
    "thresholds": THRESHOLDS,
    "new_languages": NEW_LANGUAGES,
}
"""By attribute of `Results`."""


def tables_of(results: Results, inputs: str) -> dict[str, pa.Table]:
    """Every table by its name. Signature, clips and `inputs`, a hash of what they were computed from, pin each."""
    pins = {"signature": results.signature, "clips": results.clips, "inputs": inputs}
    return {schema.name: schema.table(getattr(results, of), pins) for of, schema in SCHEMAS.items()}


def results_of(tables: Mapping[str, pa.Table]) -> Results:
    """What the tables were made of."""
    pins = tables[COMPARISONS.name].schema.metadata
    values = {of: schema.values(tables[schema.name]) for of, schema in SCHEMAS.items()}
    return Results(pins[b"signature"].decode(), pins[b"clips"].decode(), **values)
