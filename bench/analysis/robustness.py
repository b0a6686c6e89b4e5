"""Cells under other conditions than clean speech, counted for a report."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.pipeline import Row, Tables
from bench.frames import records
from bench.suite import ArmSpec

SUMMED = ("clips", "loops", "control_loops", "empties", "control_empties", "truncated", "unreadable", "floor")


@dataclass(frozen=True)
class Hurting:
    """Of one arm: cells (language, condition) where conversion hurts more than on clean speech.

    `usable`: cells whose control is usable, these among them; `floors`: the others. `detectable`: the smallest and the
    largest excess, in points, that a usable cell alone would show with 80 % chance; None where none is known.
    """

    cells: tuple[tuple[str, str], ...]
    usable: int
    floors: int
    detectable: tuple[float, float] | None


@dataclass(frozen=True)
class Totals:
    """Over the languages of one metric under one condition; `floors` counts cells, the rest clips."""

    clips: int
    loops: int
    control_loops: int
    empties: int
    control_empties: int
    truncated: int
    unreadable: int
    floors: int


@dataclass(frozen=True)
class Crossings:
    """Of one arm: of so many `cases` (languages by ladders), in how many both curves reach the rate that is looked for,
    and those of them that do at another noise level.
    """

    cases: int
    crossing: int
    shifted: tuple[Row, ...]


def hurting_of(tables: Tables, arm: ArmSpec, conditions: Collection[str] | None = None, metric: str = "") -> Hurting:
    """Of the languages' own metrics; under these conditions, of this metric, if they are named."""
    rows = _chosen(tables.interactions, arm, conditions, metric)
    floor = rows["floor"].astype(bool)
    limits = [row["mde_alone"] for row in records(rows[~floor]) if isfinite(row["mde_alone"])]
    hurt = records(rows[rows["hurts_more"].astype(bool)])
    return Hurting(
        tuple((row["language"], row["condition"]) for row in hurt),
        int((~floor).sum()),
        int(floor.sum()),
        (min(limits), max(limits)) if limits else None,
    )


def totals_of(tables: Tables, arm: ArmSpec, condition: str, metric: str) -> Totals:
    sums = _chosen(tables.comparisons, arm, [condition], metric)[list(SUMMED)].sum()
    return Totals(*(int(sums[name]) for name in SUMMED))


def crossings_of(tables: Tables, arm: ArmSpec) -> Crossings:
    thresholds = rows_of(tables.thresholds, arm)
    if thresholds.empty:
        return Crossings(0, 0, ())
    crossing = thresholds[thresholds["shift_db"].notna()]
    return Crossings(len(thresholds), len(crossing), tuple(records(crossing[crossing["shifted"].astype(bool)])))


def _chosen(table: pd.DataFrame, arm: ArmSpec, conditions: Collection[str] | None, metric: str) -> pd.DataFrame:
    rows = rows_of(table, arm)
    rows = rows[rows["primary"].astype(bool)]
    if conditions is not None:
        rows = rows[rows["condition"].isin(list(conditions))]
    return rows[rows["metric"] == metric] if metric else rows
