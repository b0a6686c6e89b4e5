"""What a suite can detect, and what it would take to detect more: planning from standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite, nan

from bench.analysis.cautions import FEW_SPEAKERS
from bench.comparing import Comparison, Results
from bench.stats import ALPHA, critical_normal, minimum_detectable_effect, power_to_show_margin, size_ratio_for
from bench.suite import Suite


def is_least(row: Comparison) -> bool:
    """Whether its detectable cost is the least that it can be: of few units, or with loops, its standard error differs
    much from sample to sample, and a cost of that size was found with a chance of 33 to 75 % in simulations, not 80.
    """
    loops = row.result.loops + row.control_result.loops
    return row.is_resampled and isfinite(row.mde) and (row.sample.effective < FEW_SPEAKERS or loops > 0)


@dataclass(frozen=True)
class Size:
    """How much of one language there is, of one arm or of any, and how surely a cost is known: points.

    `least`: what it can detect is the least that it can be. `design_effect`: what speakers of several clips are taken
    to raise the variance by, where nothing is decoded; None where decodes say it.
    """

    language: str
    arm: str
    clips: int
    speakers: int
    standard_error: float
    least: bool
    design_effect: float | None = None


@dataclass(frozen=True)
class LanguagePlan:
    """One language (of one arm, where decodes are there): its size now, and what it can show. Effects in points.

    None, and NaN, where no error count differs yet, so that nothing can be said. `simulated`: the chances that the
    target is marked after Holm's first step, and alone; None where nothing was simulated.
    """

    size: Size
    detectable: float
    detectable_alone: float
    clips_for_target: int | None
    speakers_for_target: int | None
    power_for_margin: float | None
    simulated: tuple[float, float] | None = None


def sizes_of(suite: Suite, results: Results) -> list[Size]:
    """What was decoded of every converted arm and language, by the language's own metric, words first."""
    return [
        Size(row.language, row.arm, row.sample.clips, row.sample.speakers, row.delta.standard_error, is_least(row))
        for arm in suite.arms
        if arm.control is not None
        for row in results.of(arm).clean
        if row.primary
    ]


def plan_language(suite: Suite, size: Size, target: float) -> LanguagePlan:
    """What it can show after Holm's first step, and alone; and what `target` points would take at 80 % power."""
    corrected, alone = critical_normal(ALPHA / len(suite.languages)), critical_normal(ALPHA)
    se, margin = size.standard_error, suite.statistics.margin
    known = se > 0
    ratio = size_ratio_for(target, se, corrected) if known else 0.0
    return LanguagePlan(
        size=size,
        detectable=minimum_detectable_effect(se, corrected) if known else nan,
        detectable_alone=minimum_detectable_effect(se, alone) if known else nan,
        clips_for_target=ceil(ratio * size.clips) if known else None,
        speakers_for_target=ceil(ratio * size.speakers) if known else None,
        power_for_margin=power_to_show_margin(se, margin) if known and margin is not None else None,
    )
