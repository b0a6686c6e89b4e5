"""Medians, means and trends over languages, each with its languages named and an interval of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.comparing.clips import Floats
from bench.comparing.comparison import Comparison
from bench.comparing.protocol import Parameters, Protocol
from bench.scoring import METRICS, Metric
from bench.stats import Bootstrap, Estimate, mean, median, slope_per_doubling, summarise
from bench.suite import ArmId, ArmSpec

CellDeltas = Mapping[tuple[ArmId, Metric, str, str], Bootstrap]
"""By arm id, metric, language and condition: the resamples of a delta."""
Quantity = Literal["cost", "zero-shot", "more than clean"]
Statistic = Literal["median", "mean"]
STATISTICS: Mapping[Statistic, Callable[[Floats], Floats]] = {"median": median, "mean": mean}


@dataclass(frozen=True)
class Summary:
    """A statistic over the languages of one metric under one condition, in percentage points.

    `of`: an arm's id, or a family of several sizes, of which it is the slope a doubling of the control's parameters.
    `quantity`: the cost; the cost before training; or how far the cost is above the clean one. `languages` are those it
    is over, `floors` those of them whose control is unusable; `with_floors`: these are among them on purpose.
    """

    of: str
    family: str | None
    condition: str
    metric: Metric
    quantity: Quantity
    statistic: Statistic
    is_slope: bool
    with_floors: bool
    languages: tuple[str, ...]
    floors: tuple[str, ...]
    estimate: Estimate


@dataclass(frozen=True)
class _Row:
    """The comparisons that one summary is over."""

    of: str
    family: str | None
    with_floors: bool
    costs: Sequence[Comparison]


def summarise_costs(
    protocol: Protocol,
    comparisons: Sequence[Comparison],
    deltas: CellDeltas,
    parameters: Parameters,
    quantity: Quantity = "cost",
) -> list[Summary]:
    """WER-primary and CER-primary languages apart, with floors and, where there are any, without.

    One an arm (or, for a slope, a family of several sizes), condition, metric, statistic and set of languages; over the
    arms and conditions that have such deltas.
    """
    arms = [arm for arm in protocol.converted if any(arm.id == key[0] for key in deltas)]
    conditions = {key[3] for key in deltas}
    summaries: list[Summary] = []
    for condition in dict.fromkeys(comparison.condition for comparison in comparisons):
        if condition not in conditions:
            continue
        for metric in METRICS:
            chosen = [
                comparison
                for comparison in comparisons
                if comparison.primary and (comparison.metric, comparison.condition) == (metric, condition)
            ]
            costs = {arm.id: [cost for cost in chosen if cost.arm == arm.id] for arm in arms}
            summaries += [summary for arm in arms for summary in _of_arm(arm, costs[arm.id], deltas, quantity)]
            summaries += _slopes(protocol, arms, costs, deltas, parameters, quantity)
    return summaries


def _of_arm(arm: ArmSpec, costs: Sequence[Comparison], deltas: CellDeltas, quantity: Quantity) -> Iterator[Summary]:
    for with_floors, chosen in _with_and_without_floors(costs):
        row = _Row(arm.id, arm.family, with_floors, chosen)
        of_costs = _deltas_of(chosen, deltas)
        for statistic, over_languages in STATISTICS.items():
            yield _summary(row, quantity, statistic, summarise(of_costs, over_languages))


def _slopes(
    protocol: Protocol,
    arms: Sequence[ArmSpec],
    costs: Mapping[ArmId, Sequence[Comparison]],
    deltas: CellDeltas,
    parameters: Parameters,
    quantity: Quantity,
) -> Iterator[Summary]:
    """The trend of every family that comes in several sizes."""
    families: dict[str, list[tuple[ArmSpec, int]]] = {}
    for arm in arms:
        size = parameters.get(protocol.controls[arm.id].id)
        if arm.family is not None and size:
            families.setdefault(arm.family, []).append((arm, size))
    for family, members in families.items():
        sizes = [size for _, size in members]
        if len(set(sizes)) > 1:
            yield from _trends(family, sizes, [costs[arm.id] for arm, _ in members], deltas, quantity)


def _trends(
    family: str,
    sizes: Sequence[int],
    members: Sequence[Sequence[Comparison]],
    deltas: CellDeltas,
    quantity: Quantity,
) -> Iterator[Summary]:
    """With floors; and, where any size has one, over the languages that are a floor in none."""
    floors = {cost.language for costs in members for cost in costs if cost.floor}
    without = [[cost for cost in costs if cost.language not in floors] for costs in members]
    for with_floors, chosen in ((True, members), (False, without)):
        if not chosen[0] or (not with_floors and not floors):
            continue
        row = _Row(family, family, with_floors, chosen[0])
        of_costs = [delta for costs in chosen for delta in _deltas_of(costs, deltas)]
        for statistic, over_languages in STATISTICS.items():
            slope = summarise(of_costs, slope_per_doubling(sizes, over_languages))
            yield _summary(row, quantity, statistic, slope, is_slope=True)


def _with_and_without_floors(costs: Sequence[Comparison]) -> Iterator[tuple[bool, Sequence[Comparison]]]:
    """All of them; and, where some are floors, the others."""
    usable = [cost for cost in costs if not cost.floor]
    if costs:
        yield True, costs
    if 0 < len(usable) < len(costs):
        yield False, usable


def _summary(row: _Row, quantity: Quantity, statistic: Statistic, made: Estimate, is_slope: bool = False) -> Summary:
    first = row.costs[0]
    return Summary(
        of=row.of,
        family=row.family,
        condition=first.condition,
        metric=first.metric,
        quantity=quantity,
        statistic=statistic,
        is_slope=is_slope,
        with_floors=row.with_floors,
        languages=tuple(cost.language for cost in row.costs),
        floors=tuple(cost.language for cost in row.costs if cost.floor),
        estimate=made.times(100),
    )


def _deltas_of(costs: Sequence[Comparison], deltas: CellDeltas) -> list[Bootstrap]:
    return [deltas[cost.arm, cost.metric, cost.language, cost.condition] for cost in costs]
