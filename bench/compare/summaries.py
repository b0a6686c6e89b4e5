"""Medians, means and trends over languages, each with its row set named and an interval of its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.protocol import METRICS, Protocol
from bench.stats import Bootstrap, Summary, mean, median, slope_per_doubling, summarise
from bench.suite import ArmSpec

Deltas = Mapping[tuple[str, str, str, str], Bootstrap]
"""(arm id, metric, language, condition) to the resamples of its delta."""
STATISTICS = {"median": median, "mean": mean}


def summarise_costs(
    protocol: Protocol, comparisons: pd.DataFrame, deltas: Deltas, parameters: Mapping[str, int | None]
) -> pd.DataFrame:
    """WER-primary and CER-primary rows apart, with and without floor rows; values in percentage points.

    One row an arm (or, for a slope, a family of several sizes), condition, metric, statistic and row set. `rows` names
    the languages; `floors` says whether floor rows are among them.
    """
    rows: list[dict[str, Any]] = []
    for condition in dict.fromkeys(comparisons["condition"]):
        for metric in METRICS:
            chosen = comparisons[comparisons["primary"] & (comparisons["metric"] == metric)]
            chosen = chosen[(chosen["condition"] == condition) & chosen["control"].notna()]
            for arm in protocol.converted:
                rows += _of_arm(arm, chosen, deltas)
            rows += _slopes(protocol, chosen, deltas, parameters)
    return pd.DataFrame(rows)


def _of_arm(arm: ArmSpec, chosen: pd.DataFrame, deltas: Deltas) -> list[dict[str, Any]]:
    return [
        _row(arm.id, arm.family, name, floors, rows, summarise(_deltas_of(arm, rows, deltas), statistic))
        for floors, rows in _row_sets(rows_of(chosen, arm))
        for name, statistic in STATISTICS.items()
    ]


def _slopes(
    protocol: Protocol, chosen: pd.DataFrame, deltas: Deltas, parameters: Mapping[str, int | None]
) -> list[dict[str, Any]]:
    """The trend of a family over its sizes, in points per doubling of the control's parameters."""
    families: dict[str, list[tuple[ArmSpec, int]]] = {}
    for arm in protocol.converted:
        size = parameters.get(protocol.controls[arm.id].id)
        if arm.family is not None and size:
            families.setdefault(arm.family, []).append((arm, size))
    found = []
    for family, members in families.items():
        sizes = [size for _, size in members]
        if len(set(sizes)) < 2:
            continue
        of_members = [rows_of(chosen, arm) for arm, _ in members]
        floors = set().union(*(rows.loc[rows["floor"].astype(bool), "language"] for rows in of_members))
        without = [rows[~rows["language"].isin(floors)] for rows in of_members]
        for with_floors, row_set in ((True, of_members), (False, without)):
            if not len(row_set[0]) or (not with_floors and not floors):
                continue
            both = [
                delta
                for (arm, _), rows in zip(members, row_set, strict=True)
                for delta in _deltas_of(arm, rows, deltas)
            ]
            for name, statistic in STATISTICS.items():
                slope = summarise(both, slope_per_doubling(sizes, statistic))
                found.append(_row(family, family, f"slope of the {name}", with_floors, row_set[0], slope))
    return found


def _row_sets(rows: pd.DataFrame) -> Iterator[tuple[bool, pd.DataFrame]]:
    """All rows; and, where some are floors, the others."""
    floor = rows["floor"].astype(bool)
    if len(rows):
        yield True, rows
    if floor.any() and not floor.all():
        yield False, rows[~floor]


def _row(
    name: str, family: str | None, statistic: str, floors: bool, rows: pd.DataFrame, summary: Summary
) -> dict[str, Any]:
    return {
        "arm": name,
        "family": family,
        "condition": rows["condition"].iloc[0],
        "metric": rows["metric"].iloc[0],
        "statistic": statistic,
        "floors": floors,
        "rows": " ".join(rows["language"]),
        "floor_rows": " ".join(rows.loc[rows["floor"].astype(bool), "language"]),
        "value": 100 * summary.value,
        "low": 100 * summary.low,
        "high": 100 * summary.high,
    }


def _deltas_of(arm: ArmSpec, rows: pd.DataFrame, deltas: Deltas) -> Sequence[Bootstrap]:
    keys = zip(rows["metric"], rows["language"], rows["condition"], strict=True)
    return [deltas[(arm.id, *key)] for key in keys]
