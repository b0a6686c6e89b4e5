"""Published rows beside the same rows measured here, and what chance alone would set between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from statistics import NormalDist
from typing import Any

import pandas as pd

from bench.analysis.published import PublishedCost
from bench.compare.picking import rows_of
from bench.compare.protocol import ALPHA
from bench.frames import records
from bench.suite import CLEAN, ArmSpec, Suite

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


def reproduce(suite: Suite, comparisons: pd.DataFrame, costs: Sequence[PublishedCost]) -> Reproduction | None:
    """Every published figure of the suite's arms that was measured on clean speech; None where there is none."""
    cells, corpora, other_controls = [], [], []
    for arm in suite.arms:
        published = published_of(arm, costs)
        rows = records(rows_of(comparisons[comparisons["condition"] == CLEAN], arm))
        control = suite.control_of(arm)
        models = {cost.control_model for cost in published}
        if control is not None and models and control.model not in models:
            other_controls.append(arm.id)
        measured = {(row["language"], row["metric"]): row for row in rows}
        for cost in published:
            if (cost.language, cost.metric) in measured:
                compared = control is not None and control.model == cost.control_model
                cells += list(_cells(arm, cost, measured, compared))
                corpora.append(cost.corpus)
    if not cells:
        return None
    elsewhere = () if _corpus_name(comparisons) in corpora else tuple(dict.fromkeys(corpora))
    return Reproduction(tuple(cells), elsewhere, tuple(other_controls))


def _cells(
    arm: ArmSpec, cost: PublishedCost, measured: dict[tuple[str, str], dict[str, Any]], compared: bool
) -> Iterator[Reproduced]:
    for metric, rate in (("wer", cost.wer), ("cer", cost.cer)):
        row = measured[cost.language, metric]
        chance = _chance(row["rate_standard_error"], row["clips"], cost.clips)
        yield Reproduced(arm.id, cost.language, metric.upper(), rate, row["rate"], chance)
    row = measured[cost.language, cost.metric]
    if compared:
        chance = _chance(row["standard_error"], row["clips"], cost.clips)
        yield Reproduced(arm.id, cost.language, f"cost, {cost.metric.upper()}", cost.cost, row["delta"], chance)


def _chance(standard_error: float, clips: int, published_clips: int) -> float:
    return NormalDist().inv_cdf(1 - ALPHA / 2) * sqrt(1 + clips / published_clips) * standard_error


def _corpus_name(comparisons: pd.DataFrame) -> str:
    """As cards write it, Common Voice 17 test; read off the signature."""
    corpus = str(comparisons["signature"].iloc[0]).partition("|")[0].removeprefix("corpus:")
    release = re.match(r"common-voice-(\d+)[^/]*/(\w+)", corpus)
    return f"Common Voice {release[1]} {release[2]}" if release else corpus
