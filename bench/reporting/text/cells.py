"""Picking rows out of the tables, the same way for every report."""

from typing import Any

import pandas as pd

from bench.errors import BenchError
from bench.frames import records
from bench.reporting.text.format import visible
from bench.suite import CLEAN, Suite


def clean_of(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of clean cells: what the main table is of."""
    return table[table["condition"] == CLEAN] if len(table) else table


def signature_of(comparisons: pd.DataFrame) -> str:
    """The one signature of all rows. Raises BenchError where there are two: such numbers do not share a column."""
    first, *others = dict.fromkeys(comparisons["signature"])
    if others:
        raise BenchError(
            f"comparisons of two signatures in one table: {first} and {others[0]}; run `bench compare` on one suite"
        )
    return str(first)


def csv_head(suite: Suite, about: str, comparisons: pd.DataFrame) -> str:
    """The comment above a CSV: one line, whatever the corpus is called."""
    return f"# {suite.label}; {about}; {visible(signature_of(comparisons))}\n"


def csv_of(table: pd.DataFrame) -> str:
    """As CSV, without what stands above it once."""
    return table.drop(columns=["signature", "inputs"]).round(4).to_csv(index=False)


def cell_name(row: dict[str, Any]) -> str:
    """The language, and the condition unless it is clean."""
    return str(row["language"]) if row["condition"] == "clean" else f"{row['language']} {row['condition']}"


def metric_note(row: dict[str, Any]) -> str:
    """What stands behind a cost that is not one of WER."""
    return " CER" if row["metric"] == "cer" else ""


def clips_cell(row: dict[str, Any]) -> str:
    """How many were compared, and how many of them were cut or had to be left out."""
    unreadable = f" (+{row['unreadable']} unreadable)" if row["unreadable"] else ""
    truncated = f" ({row['truncated']} truncated)" if row["truncated"] else ""
    return f"{row['clips']}{truncated}{unreadable}"


def cells_of(rows: pd.DataFrame) -> list[dict[str, dict[str, Any]]]:
    """Each cell's rows by metric, in the suite's order, with the primary one under `primary` as well."""
    cells: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in records(rows):
        cell = cells.setdefault((row["language"], row["condition"]), {})
        cell[row["metric"]] = row
        if row["primary"]:
            cell["primary"] = row
    return list(cells.values())


def primary_of(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Each cell's row of its language's own metric, in the suite's order."""
    return [cell["primary"] for cell in cells_of(rows)]
