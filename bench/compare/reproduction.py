"""Published rows beside the same rows measured here, and what chance alone would set between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import pandas as pd

from bench.compare.protocol import ALPHA
from bench.frames import records
from bench.published import PublishedCost
from bench.suite import ArmSpec, Suite


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
    """`elsewhere`: the published corpora, where what was measured is of none of them."""

    cells: tuple[Reproduced, ...]
    elsewhere: tuple[str, ...]

    @property
    def beyond_chance(self) -> int:
        return sum(cell.beyond_chance for cell in self.cells)


def published_of(arm: ArmSpec, costs: Sequence[PublishedCost]) -> list[PublishedCost]:
    """The rows of an arm's model, by the last part of its name."""
    name = arm.model.rstrip("/").rpartition("/")[2]
    return [cost for cost in costs if cost.model == name]


def reproduce(suite: Suite, comparisons: pd.DataFrame, costs: Sequence[PublishedCost]) -> Reproduction | None:
    """Every published figure of the suite's arms that was measured on clean speech; None where there is none."""
    cells, corpora = [], []
    for arm in suite.arms:
        published = published_of(arm, costs)
        rows = records(comparisons[(comparisons["arm"] == arm.name) & (comparisons["condition"] == "clean")])
        measured = {(row["language"], row["metric"]): row for row in rows}
        for cost in published:
            if (cost.language, cost.metric) in measured:
                cells += list(_cells(arm, cost, measured))
                corpora.append(cost.corpus)
    if not cells:
        return None
    elsewhere = () if _corpus_name(suite) in corpora else tuple(dict.fromkeys(corpora))
    return Reproduction(tuple(cells), elsewhere)


def _cells(arm: ArmSpec, cost: PublishedCost, measured: dict[tuple[str, str], dict[str, Any]]) -> Iterator[Reproduced]:
    for metric, rate in (("wer", cost.wer), ("cer", cost.cer)):
        row = measured[cost.language, metric]
        chance = _chance(row["rate_standard_error"], row["clips"], cost.clips)
        yield Reproduced(arm.id, cost.language, metric.upper(), rate, row["rate"], chance)
    row = measured[cost.language, cost.metric]
    if arm.control is not None:
        chance = _chance(row["standard_error"], row["clips"], cost.clips)
        yield Reproduced(arm.id, cost.language, f"cost, {cost.metric.upper()}", cost.cost, row["delta"], chance)


def _chance(standard_error: float, clips: int, published_clips: int) -> float:
    return NormalDist().inv_cdf(1 - ALPHA / 2) * sqrt(1 + clips / published_clips) * standard_error


def _corpus_name(suite: Suite) -> str:
    """As cards write it: Common Voice 17 test."""
    release = (suite.corpus.release or "").partition(".")[0]
    return f"Common Voice {release} {suite.corpus.split}" if suite.corpus.kind == "common-voice" else suite.corpus.kind
