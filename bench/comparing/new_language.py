"""What a language that was not measured may cost: those that were, taken as a sample of languages of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt

from bench.comparing.comparison import Comparison
from bench.scoring import METRICS, Metric
from bench.stats import FEWEST_GROUPS, Estimate, Interval, RandomEffects, random_effects
from bench.suite import CLEAN, ArmId

UNKNOWN = RandomEffects(Estimate(nan, nan, nan), nan, nan, Interval(nan, nan))
"""Of too few languages."""


@dataclass(frozen=True)
class NewLanguage:
    """One arm's costs on clean speech over the languages of one metric, in percentage points.

    `capped`: of the costs with each clip's errors at most its length. `mean`: over all languages of their kind.
    `tau`: the standard deviation of true costs between languages. `i2`: per cent of the variation between measured
    costs that is not the sampling of clips. `prediction`: where the true cost of a language that was not measured lies,
    with 95 %. All NaN where fewer than three languages have a standard error of their own.

    `languages`: those it is made from; `assumed` are those of them with too few changes for a standard error of their
    own. Left out are `floors`, whose control is unusable, and `unknown`, of which no standard error can be told.
    """

    arm: ArmId
    metric: Metric
    capped: bool
    languages: tuple[str, ...]
    assumed: tuple[str, ...]
    floors: tuple[str, ...]
    unknown: tuple[str, ...]
    mean: Estimate
    tau: float
    i2: float
    prediction: Interval

    @property
    def is_determined(self) -> bool:
        return not isnan(self.tau)


@dataclass(frozen=True)
class _Cost:
    """A language's cost, points; how many of its clips changed; whether these are enough for its standard error."""

    language: str
    cost: Estimate
    clips: int
    changed: float

    @property
    def is_sure(self) -> bool:
        return self.cost.is_determined and self.cost.standard_error > 0


def foresee_costs(comparisons: Sequence[Comparison]) -> list[NewLanguage]:
    """One an arm, metric and way of counting, as they are and capped; of clean cells, floors left out."""
    found = []
    clean = [row for row in comparisons if row.primary and row.condition == CLEAN]
    for arm in dict.fromkeys(row.arm for row in clean):
        for metric in METRICS:
            chosen = [row for row in clean if (row.arm, row.metric) == (arm, metric)]
            if chosen:
                found += [_foresee(chosen, capped) for capped in (False, True)]
    return found


def _foresee(rows: Sequence[Comparison], capped: bool) -> NewLanguage:
    usable = [_cost(row, capped) for row in rows if not row.floor]
    known = [cost for cost in usable if not isnan(cost.cost.standard_error)]
    sure = [cost for cost in known if cost.is_sure]
    made = UNKNOWN
    if len(sure) >= FEWEST_GROUPS:
        made = random_effects([cost.cost.value for cost in known], [_standard_error(cost, sure) for cost in known])
    first = rows[0]
    return NewLanguage(
        arm=first.arm,
        metric=first.metric,
        capped=capped,
        languages=tuple(cost.language for cost in known),
        assumed=tuple(cost.language for cost in known if not cost.is_sure),
        floors=tuple(row.language for row in rows if row.floor),
        unknown=tuple(cost.language for cost in usable if cost not in known),
        mean=made.mean,
        tau=made.tau,
        i2=100 * made.i2,
        prediction=made.prediction,
    )


def _cost(row: Comparison, capped: bool) -> _Cost:
    clips = row.sample.clips
    return _Cost(row.language, row.capped if capped else row.delta, clips, clips * row.changes.changed / 100)


def _standard_error(cost: _Cost, sure: Sequence[_Cost]) -> float:
    """A language's own; of one with too few changes at least what one clip more would give it.

    That clip changes by as much as changed clips do in the languages that are sure: SE^2 n^2 over how many changed,
    all of them together. So an unchanged language neither outweighs all others nor is left out, which would take the
    cheapest ones away.
    """
    own = cost.cost.standard_error
    if cost.is_sure:
        return own
    a_change = sum((each.cost.standard_error * each.clips) ** 2 for each in sure) / sum(each.changed for each in sure)
    return max(own, sqrt((cost.changed + 1) * a_change) / cost.clips)
