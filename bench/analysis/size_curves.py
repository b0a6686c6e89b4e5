"""Costs over model size: the points of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.comparing import Parameters, Results
from bench.scoring import METRICS, Metric
from bench.stats import Estimate
from bench.suite import CLEAN, ArmSpec, Suite


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
    metric: Metric
    points: tuple[SizePoint, ...]
    slope: Estimate | None


def size_curves(suite: Suite, results: Results, parameters: Parameters) -> Iterator[SizeCurve]:
    """Yields a curve a family and metric, WER-primary and CER-primary languages apart."""
    families: dict[str, list[ArmSpec]] = {}
    for arm in suite.arms:
        if arm.control is not None and arm.family is not None:
            families.setdefault(arm.family, []).append(arm)
    for metric in METRICS:
        for family, arms in families.items():
            points = tuple(point for arm in arms if (point := _point(suite, arm, results, metric, parameters)))
            if points:
                slope = _slope_of_the_median(results, family, metric)
                yield SizeCurve(family, metric, tuple(sorted(points, key=lambda point: point.parameters)), slope)


def _point(suite: Suite, arm: ArmSpec, results: Results, metric: Metric, parameters: Parameters) -> SizePoint | None:
    control, of_arm = suite.control_of(arm), results.of(arm)
    size = parameters.get(control.id) if control is not None else None
    median = of_arm.summary(metric, "median")
    if not size or median is None:
        return None
    costs = {row.language: row.delta for row in of_arm.clean.of_metric(metric) if row.primary}
    return SizePoint(arm.id, size, median.estimate, costs)


def _slope_of_the_median(results: Results, family: str, metric: Metric) -> Estimate | None:
    """Of the cost on clean speech, over every language of the metric, floors among them."""
    for slope in results.slopes([family]):
        asked = (slope.metric, slope.statistic, slope.condition, slope.quantity)
        if slope.with_floors and asked == (metric, "median", CLEAN, "cost"):
            return slope.estimate
    return None
