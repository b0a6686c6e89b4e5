"""Questions asked of cells under other conditions than clean speech."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isfinite, nan

from bench.analysis.power import is_least
from bench.comparing import ArmResult, ArmResults, Interaction, Summary, Threshold
from bench.scoring import METRICS, Metric
from bench.stats import Estimate
from bench.suite import CLEAN, ConditionSpec, Suite

UNKNOWN = Estimate(nan, nan, nan)


@dataclass(frozen=True)
class SignificantInteractions:
    """Cells (language, condition) of one arm where conversion hurts more than on clean speech.

    `usable`: cells whose control is usable, these among them; `floors`: the others. `detectable`: the smallest and the
    largest excess, in points, that a usable cell alone would show with 80 % chance, None where none is known; `least`
    where for one of them it is the least that it can be.
    """

    cells: tuple[tuple[str, str], ...]
    usable: int
    floors: int
    detectable: tuple[float, float] | None
    least: bool


@dataclass(frozen=True)
class Totals:
    """Over the languages of one metric under one condition; `floors` counts cells, the rest clips."""

    clips: int
    converted: ArmResult
    control: ArmResult
    truncated: int
    unreadable: int
    floors: int


@dataclass(frozen=True)
class Crossings:
    """How often, of so many `cases` (languages by ladders), both curves of an arm reach the rate looked for; of how
    many of them no shift is given; and those that do at another noise level.
    """

    cases: int
    crossing: int
    refused: int
    shifted: tuple[Threshold, ...]


@dataclass(frozen=True)
class MeanCost:
    """Under one condition by one metric: the mean cost, and how far it is above the clean one, floors left out.

    `languages`: those it is the mean over. NaN where every language is a floor; no excess for clean itself.
    """

    condition: str
    metric: Metric
    languages: tuple[str, ...]
    cost: Estimate
    excess: Estimate


def degraded_specs(suite: Suite) -> list[ConditionSpec]:
    """All but clean."""
    return [spec for spec in suite.condition_specs if spec.name != CLEAN]


def names_of(spec: ConditionSpec) -> list[str]:
    """A ladder's rungs, or the condition itself."""
    return [condition.name for condition in spec.conditions(None)]


def significant_interactions(
    arm: ArmResults, conditions: Collection[str] | None = None, metric: Metric | None = None
) -> SignificantInteractions:
    """Counts them by the languages' own metrics; under these conditions, by this metric, if they are named."""
    chosen = [row for row in arm.interactions if _is_chosen(row, conditions, metric)]
    usable = [interaction for interaction in chosen if not interaction.floor]
    known = [interaction for interaction in usable if isfinite(interaction.mde_alone)]
    limits = [interaction.mde_alone for interaction in known]
    return SignificantInteractions(
        tuple((interaction.language, interaction.condition) for interaction in chosen if interaction.hurts_more),
        len(usable),
        len(chosen) - len(usable),
        (min(limits), max(limits)) if limits else None,
        _any_is_least(arm, known),
    )


def _any_is_least(arm: ArmResults, interactions: Sequence[Interaction]) -> bool:
    """Whether one of their cells, or of the clean ones that those are held against, has few speakers or loops."""
    least = {(row.language, row.condition, row.metric) for row in arm.cells if is_least(row)}
    both = ((row.language, condition, row.metric) for row in interactions for condition in (row.condition, CLEAN))
    return any(cell in least for cell in both)


def _is_chosen(interaction: Interaction, conditions: Collection[str] | None, metric: Metric | None) -> bool:
    return (
        interaction.primary
        and (conditions is None or interaction.condition in conditions)
        and metric in (None, interaction.metric)
    )


def totals_of(arm: ArmResults, condition: str, metric: Metric) -> Totals:
    """Sums over the languages whose cost is of that metric."""
    chosen = [row for row in arm.under(condition).of_metric(metric) if row.primary]
    return Totals(
        clips=sum(row.sample.clips for row in chosen),
        converted=ArmResult.pooled(row.result for row in chosen),
        control=ArmResult.pooled(row.control_result for row in chosen),
        truncated=sum(row.sample.truncated for row in chosen),
        unreadable=sum(row.sample.unreadable for row in chosen),
        floors=sum(row.floor for row in chosen),
    )


def crossings_of(arm: ArmResults) -> Crossings:
    """Counts them over all its ladders and languages."""
    crossing = [threshold for threshold in arm.thresholds if threshold.crosses]
    refused = sum(1 for row in crossing if row.refused)
    return Crossings(len(arm.thresholds), len(crossing), refused, tuple(row for row in crossing if row.shifted))


def mean_costs(arm: ArmResults, conditions: Sequence[str]) -> list[MeanCost]:
    """One a condition and metric that any language has."""
    known = {(summary.condition, summary.metric) for summary in arm.summaries}
    return [
        _mean_cost(arm, condition, metric)
        for condition in conditions
        for metric in METRICS
        if (condition, metric) in known
    ]


def _mean_cost(arm: ArmResults, condition: str, metric: Metric) -> MeanCost:
    cost = arm.summary(metric, "mean", condition, floors=False)
    excess = arm.summary(metric, "mean", condition, "more than clean", floors=False)
    languages = () if cost is None else cost.languages
    return MeanCost(condition, metric, languages, _known(cost), _known(excess))


def _known(summary: Summary | None) -> Estimate:
    return UNKNOWN if summary is None else summary.estimate
