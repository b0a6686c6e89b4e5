"""All results of a suite as one JSON object: its stored tables, a list of rows each."""

from __future__ import annotations

from typing import Any

from bench.comparing import Results
from bench.comparing.schema import tables_of
from bench.suite import Suite


def results_json(suite: Suite, results: Results) -> dict[str, Any]:
    """By the names and columns that results/COLUMNS.md tells; with the suite's name, its label and the signature."""
    tables = {name: table.to_pylist() for name, table in tables_of(results, "").items()}
    return {"suite": suite.name, "label": suite.label, "signature": results.signature} | tables
