"""Mean costs under each condition, picked out of the tables the same way for text and pictures."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from bench.compare import MORE_THAN_CLEAN, Tables, rows_of
from bench.frames import records
from bench.suite import CLEAN, ArmSpec, ConditionSpec, Suite

Row = dict[str, Any]


def degraded_specs(suite: Suite) -> list[ConditionSpec]:
    """All but clean."""
    return [spec for spec in suite.condition_specs if spec.name != CLEAN]


def names_of(spec: ConditionSpec) -> list[str]:
    """A ladder's rungs, or the condition itself."""
    return [condition.name for condition in spec.conditions(None)]


def mean_costs(arm: ArmSpec, conditions: Sequence[str], tables: Tables) -> list[Row]:
    """A row a condition and metric: the mean cost and how far it is above the clean one, floor cells left out.

    NaN where every language is a floor; no excess for clean itself.
    """
    of_arm = tables.summaries[tables.summaries["arm"] == arm.id]
    rows = []
    for condition in conditions:
        here = of_arm[of_arm["condition"] == condition]
        for metric in dict.fromkeys(here["metric"]):
            of_metric = here[here["metric"] == metric]
            mean = _without_floors(of_metric[of_metric["statistic"] == "mean"])
            excess = _without_floors(of_metric[of_metric["statistic"] == f"{MORE_THAN_CLEAN} mean"])
            rows.append(
                {
                    "condition": condition,
                    "metric": metric,
                    "languages": mean["rows"].split(),
                    **{"cost": mean["value"], "low": mean["low"], "high": mean["high"]},
                    **{"excess": excess["value"], "excess_low": excess["low"], "excess_high": excess["high"]},
                }
            )
    return rows


def _without_floors(chosen: pd.DataFrame) -> Row:
    """The summary over the languages that are no floors."""
    rows = records(chosen[~chosen["floors"].astype(bool) | (chosen["floor_rows"] == "")])
    return rows[0] if rows else {"rows": "", **dict.fromkeys(("value", "low", "high"), math.nan)}


def primary_rows(table: pd.DataFrame, arm: ArmSpec, conditions: Sequence[str]) -> pd.DataFrame:
    """One arm's rows of the languages' own metrics under these conditions."""
    rows = rows_of(table, arm)
    return rows[rows["primary"] & rows["condition"].isin(list(conditions))]
