"""Published rows beside the same rows measured here, and what chance alone would set between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from statistics import NormalDist

from bench.analysis.published import PublishedCost
from bench.comparing import Comparison, Measurement, Results
from bench.comparing.results import CellPair
from bench.stats import ALPHA
from bench.suite import ArmSpec, Suite

HUB = "https://huggingface.co/"


@dataclass(frozen=True)
class Reproduced:
    """One published figure of one arm: a rate in per cent, or a cost in points.

    `chance`: how far apart two random samples of the published and the measured size, of the same speech by the same
    models, lie in 95 % of cases: sqrt(1 + measured clips / published clips) standard errors, sqrt(2) where both are
    equal, of the measured figure over its resampled unit.
    """

    arm: str
    language: str
    what: str
    published: float
    measured: float
    chance: float

    @property
    def difference(self) -> float:
        return self.measured - self.published

    @property
    def beyond_chance(self) -> bool:
        return abs(self.difference) > self.chance


@dataclass(frozen=True)
class Reproduction:
    """`elsewhere`: the published corpora, where what was measured is of none of them. `other_controls`: arms whose
    control is not the published one, so that their costs are not set beside its.
    """

    cells: tuple[Reproduced, ...]
    elsewhere: tuple[str, ...]
    other_controls: tuple[str, ...]

    @property
    def beyond_chance(self) -> int:
        return sum(cell.beyond_chance for cell in self.cells)

    @property
    def expected(self) -> float:
        """How many would lie beyond chance by chance alone."""
        return ALPHA * sum(not isnan(cell.chance) for cell in self.cells)


def published_of(arm: ArmSpec, costs: Sequence[PublishedCost]) -> list[PublishedCost]:
    """The rows of an arm's model, by its name on the hub; none of what is made of it when it is loaded."""
    return [cost for cost in costs if cost.source == f"{HUB}{arm.model}" and arm.kv is None]


def reproduce(suite: Suite, results: Results, costs: Sequence[PublishedCost], corpus: str) -> Reproduction | None:
    """Every published figure of the suite's arms that was measured on clean speech; None where there is none.

    `corpus`: what cards call the one that was measured.
    """
    figures: list[Reproduced] = []
    corpora: list[str] = []
    other_controls: list[str] = []
    for arm in suite.arms:
        published = published_of(arm, costs)
        control = suite.control_of(arm)
        models = {cost.control_model for cost in published}
        if control is not None and models and control.model not in models:
            other_controls.append(arm.id)
        measured = {pair.primary.language: pair for pair in results.rates_of(arm).clean.pairs}
        for cost in published:
            if cost.language in measured:
                compared = control is not None and control.model == cost.control_model
                figures += _figures(arm, cost, measured[cost.language], compared)
                corpora.append(cost.corpus)
    if not figures:
        return None
    elsewhere = () if corpus in corpora else tuple(dict.fromkeys(corpora))
    return Reproduction(tuple(figures), elsewhere, tuple(other_controls))


def _figures(
    arm: ArmSpec, cost: PublishedCost, measured: CellPair[Measurement], compared: bool
) -> Iterator[Reproduced]:
    """Both rates and, where it is held against the published control, the cost."""
    for row, rate in ((measured.wer, cost.wer), (measured.cer, cost.cer)):
        chance = _chance(row.rate.standard_error, row.sample.clips, cost.clips)
        yield Reproduced(arm.id, cost.language, row.metric.upper(), rate, row.rate.value, chance)
    row = measured.wer if cost.metric == "wer" else measured.cer
    if compared and isinstance(row, Comparison):
        chance = _chance(row.delta.standard_error, row.sample.clips, cost.clips)
        yield Reproduced(arm.id, cost.language, f"cost, {cost.metric.upper()}", cost.cost, row.delta.value, chance)


def _chance(standard_error: float, clips: int, published_clips: int) -> float:
    return NormalDist().inv_cdf(1 - ALPHA / 2) * sqrt(1 + clips / published_clips) * standard_error
