"""What is compared with what, and by which rules: all of it declared before anything is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.scoring import Metric
from bench.stats import ALPHA
from bench.suite import CLEAN_CONDITION, ArmId, ArmSpec, Condition, ScoringSpec, StatisticsSpec, Suite

METHOD = 4
"""Raised whenever the same decodes would give other numbers; part of every signature."""

SPEAKER, UTTERANCE = "speaker", "utterance"
"""Units that are resampled; a corpus without speakers may name another, by which its clips are grouped."""
FEWEST_RESAMPLES = 10_000
MOST_RESAMPLES = 200_000
"""Of one contrast whose mark hangs on them; a p that is not settled by then lies on the line."""

Parameters = Mapping[str, int | None]
"""Of the arms' models, by arm id, where known."""


@dataclass(frozen=True)
class Protocol:
    """The arms in order, each converted arm's control and each trained arm's start by arm id, and how their decodes are
    scored and tested.

    `languages` is the size of a family: the tests of one arm that are corrected together. `clusters`: what clips that
    are alike share; "speaker" where the corpus names speakers, else what its clips are grouped by instead.
    `max_new_tokens`: what a decoder may write at most; None where that is not known.
    """

    arms: tuple[ArmSpec, ...]
    controls: Mapping[ArmId, ArmSpec]
    starts: Mapping[ArmId, ArmSpec]
    languages: int
    seed: int
    scoring: ScoringSpec
    statistics: StatisticsSpec
    conditions: tuple[Condition, ...] = (CLEAN_CONDITION,)
    clusters: str = SPEAKER
    max_new_tokens: int | None = None

    @classmethod
    def of(cls, suite: Suite, clusters: str = SPEAKER) -> Protocol:
        controls = {arm.id: control for arm in suite.arms if (control := suite.control_of(arm)) is not None}
        starts = {arm.id: start for arm in suite.arms if (start := suite.start_of(arm)) is not None}
        return cls(
            suite.arms,
            controls,
            starts,
            len(suite.languages),
            suite.seed,
            suite.scoring,
            suite.statistics,
            suite.conditions,
            clusters,
            suite.decode.max_new_tokens,
        )

    @property
    def resamples(self) -> int:
        """How many: as the suite says; else enough for the smallest p that Holm's first step asks for: 20 m / alpha."""
        return self.statistics.resamples or max(FEWEST_RESAMPLES, round(20 * self.languages / ALPHA))

    @property
    def converted(self) -> tuple[ArmSpec, ...]:
        """The arms that are held against a control."""
        return tuple(arm for arm in self.arms if arm.id in self.controls)

    @property
    def ladders(self) -> Mapping[str, Mapping[str, float]]:
        """Each rung's condition and ratio in dB, by ladder, of those with two rungs at least."""
        ladders: dict[str, dict[str, float]] = {}
        for condition in self.conditions:
            if condition.ladder is not None and condition.snr_db is not None:
                ladders.setdefault(condition.ladder, {})[condition.name] = condition.snr_db
        return {name: rungs for name, rungs in ladders.items() if len(rungs) > 1}

    def primary(self, language: str) -> Metric:
        """The metric that makes a language's cost."""
        return "cer" if language in self.scoring.cer_primary else "wer"

    def is_floor(self, rate: float, metric: Metric) -> bool:
        """Whether a control with that rate, per cent, is unusable; never where no rate is known."""
        return bool(rate > getattr(self.statistics.floor, metric))
