"""Picking rows out of the comparisons, the same way for every report."""

from typing import Any

import pandas as pd

from bench.suite import ArmSpec


def rows_of(comparisons: pd.DataFrame, arm: ArmSpec) -> pd.DataFrame:
    """The rows of one arm and training seed."""
    seed = comparisons["seed"].isna() if arm.seed is None else comparisons["seed"] == arm.seed
    return comparisons[(comparisons["arm"] == arm.name) & seed]


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return [{str(column): value for column, value in row.items()} for row in rows.to_dict("records")]


def cell_name(row: dict[str, Any]) -> str:
    """The language, and the condition unless it is clean."""
    return str(row["language"]) if row["condition"] == "clean" else f"{row['language']} {row['condition']}"
