"""Costs over model size, and what of the cache each cost buys: the points of two pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.pipeline import Tables
from bench.compare.protocol import Parameters
from bench.frames import records
from bench.suite import CLEAN, ArmSpec, Suite


@dataclass(frozen=True)
class Estimate:
    """In points, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SizePoint:
    """One arm: its control's parameters, its median cost over the languages of one metric, and each of theirs."""

    arm: str
    parameters: int
    median: Estimate
    languages: Mapping[str, Estimate]


@dataclass(frozen=True)
class SizeCurve:
    """A family by one primary metric; `slope`: of its median, a doubling of parameters, None for a single size."""

    family: str
    metric: str
    points: tuple[SizePoint, ...]
    slope: Estimate | None


def size_curves(suite: Suite, tables: Tables, parameters: Parameters) -> Iterator[SizeCurve]:
    """Of every family, WER-primary and CER-primary languages apart."""
    families: dict[str, list[ArmSpec]] = {}
    for arm in suite.arms:
        if arm.control is not None and arm.family is not None:
            families.setdefault(arm.family, []).append(arm)
    for metric in ("wer", "cer"):
        for family, arms in families.items():
            points = tuple(point for arm in arms if (point := _point(suite, arm, tables, metric, parameters)))
            if points:
                slope = _summary(tables.summaries, family, metric, "slope of the median")
                yield SizeCurve(family, metric, tuple(sorted(points, key=lambda each: each.parameters)), slope)


def _point(suite: Suite, arm: ArmSpec, tables: Tables, metric: str, parameters: Parameters) -> SizePoint | None:
    control = suite.control_of(arm)
    size = parameters.get(control.id) if control is not None else None
    median = _summary(tables.summaries, arm.id, metric, "median")
    if not size or median is None:
        return None
    rows = rows_of(tables.comparisons, arm)
    rows = rows[(rows["condition"] == CLEAN) & rows["primary"]]
    of_metric = records(rows[rows["metric"] == metric])
    costs = {row["language"]: Estimate(row["delta"], row["low"], row["high"]) for row in of_metric}
    return SizePoint(arm.id, size, median, costs)


def _summary(summaries: pd.DataFrame, name: str, metric: str, statistic: str) -> Estimate | None:
    """Over every row of the metric, floors among them."""
    if summaries.empty:
        return None
    rows = summaries[(summaries["arm"] == name) & (summaries["metric"] == metric) & (summaries["condition"] == CLEAN)]
    rows = rows[(rows["statistic"] == statistic) & rows["floors"]]
    found: list[dict[str, Any]] = records(rows)
    return Estimate(found[0]["value"], found[0]["low"], found[0]["high"]) if found else None
