"""Picking rows out of a table of arms."""

import pandas as pd

from bench.suite import ArmSpec


def rows_of(table: pd.DataFrame, arm: ArmSpec) -> pd.DataFrame:
    """The rows of one arm and training seed."""
    if table.empty:
        return table
    seed = table["seed"].isna() if arm.seed is None else table["seed"] == arm.seed
    return table[(table["arm"] == arm.name) & seed]
