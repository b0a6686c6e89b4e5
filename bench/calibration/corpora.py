"""Simulated corpora: clustered, of unequal difficulty, and with repetition loops in a small share of clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import integrate, stats

from bench.stats import PairedSums

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ERROR_RATE = 0.45
SHARED = 0.6
"""Share of the errors that both arms make."""
MEAN_WORDS = 9.5
SPEAKER_SPREAD = 0.35
"""Standard deviation of a speaker's log difficulty."""
LOOP = (40, 220)
"""Errors that a loop adds: uniform on 40 … 219."""
EFFECT = 0.02
"""The cost, as a fraction of the words, that power is asked for."""
TRUTH_CLIPS, TRUTH_CHUNK = 20_000_000, 500_000


@dataclass(frozen=True)
class Scenario:
    """What one simulated test set is like; `spread` is the standard deviation of the cost's speaker factor (log)."""

    clips: int
    speakers: int
    control_loops: float
    converted_loops: float
    spread: float

    @property
    def name(self) -> str:
        loops = f"{100 * self.control_loops:g}/{100 * self.converted_loops:g}"
        return f"{self.clips} clips, {self.speakers} speakers, loops {loops} %, spread {self.spread:g}"

    @property
    def loops(self) -> bool:
        return self.control_loops + self.converted_loops > 0


SCENARIOS = (
    Scenario(1500, 650, 0.0, 0.0, 0.0),
    Scenario(1500, 650, 0.003, 0.003, 0.0),
    Scenario(1500, 100, 0.003, 0.003, 0.2),
    Scenario(1500, 30, 0.0, 0.0, 0.2),
    Scenario(300, 60, 0.01, 0.01, 0.1),
    Scenario(64, 40, 0.02, 0.02, 0.0),
    Scenario(1500, 650, 0.0, 0.003, 0.0),
    Scenario(1500, 650, 0.001, 0.004, 0.0),
    Scenario(300, 60, 0.0, 0.01, 0.1),
)


@dataclass(frozen=True)
class SimulatedCorpus:
    """One value a clip: speaker, reference words, both arms' errors, and the errors that 2 points of cost would add."""

    speaker: Ints
    words: Ints
    control: Ints
    converted: Ints
    effect: Ints

    def by_speaker(self, capped: bool, effect: bool = False) -> PairedSums:
        return self._summed(np.unique(self.speaker, return_inverse=True)[1], capped, effect)

    def by_clip(self, capped: bool, effect: bool = False) -> PairedSums:
        return self._summed(np.arange(len(self.words)), capped, effect)

    def _summed(self, groups: npt.NDArray[np.intp], capped: bool, effect: bool) -> PairedSums:
        converted = self.converted + self.effect if effect else self.converted
        errors = [np.minimum(e, self.words) if capped else e for e in (self.control, converted)]
        control, arm, words = (_sum(groups, values) for values in (*errors, self.words))
        return PairedSums(control, arm, words)


def simulate(scenario: Scenario, rng: np.random.Generator) -> SimulatedCorpus:
    """A corpus whose two arms make 60 % of their errors together and the rest each on its own."""
    size = scenario.clips
    speaker = rng.integers(scenario.speakers, size=size)
    words = 1 + rng.poisson(MEAN_WORDS - 1, size)
    of_speaker = np.exp(rng.normal(0, SPEAKER_SPREAD, scenario.speakers))
    factor = np.exp(rng.normal(0, scenario.spread, scenario.speakers) - scenario.spread**2 / 2)
    mean = ERROR_RATE * rng.gamma(2, 0.5, size) * of_speaker[speaker] * words
    shared = rng.poisson(SHARED * mean)
    own = (1 - SHARED) * mean
    control = shared + rng.poisson(own)
    converted = shared + rng.poisson(np.maximum(0, own + mean * (factor[speaker] - 1)))
    return SimulatedCorpus(
        speaker,
        words,
        control + _loops(scenario.control_loops, size, rng),
        converted + _loops(scenario.converted_loops, size, rng),
        rng.poisson(EFFECT * words),
    )


def true_delta(scenario: Scenario, capped: bool, rng: np.random.Generator) -> float:
    """The cost as a fraction of the words, with no effect added.

    In closed form; the capped one, where the arms are not alike, from 20 million clips, each by a speaker of its own.
    """
    alike = scenario.spread == 0 and scenario.control_loops == scenario.converted_loops
    if alike:
        return 0.0
    if not capped:
        loops = (scenario.converted_loops - scenario.control_loops) * (sum(LOOP) - 1) / 2 / MEAN_WORDS
        return loops + ERROR_RATE * float(np.exp(SPEAKER_SPREAD**2 / 2)) * _clipped(scenario.spread)
    crowd = Scenario(TRUTH_CHUNK, TRUTH_CHUNK, scenario.control_loops, scenario.converted_loops, scenario.spread)
    errors = words = 0.0
    for _ in range(TRUTH_CLIPS // TRUTH_CHUNK):
        sums = simulate(crowd, rng).by_clip(capped=True)
        errors, words = errors + sums.difference.sum(), words + sums.length.sum()
    return float(errors / words)


def _sum(groups: npt.NDArray[np.intp], values: Ints) -> Floats:
    return np.bincount(groups, weights=values).astype(np.float64)


def _loops(share: float, size: int, rng: np.random.Generator) -> Ints:
    return np.where(rng.random(size) < share, rng.integers(*LOOP, size=size), 0)


def _clipped(spread: float) -> float:
    """E[(SHARED - m)+]: what clipping a negative error rate at zero adds, m the log-normal factor of mean 1."""
    if spread == 0:
        return 0.0
    factor = stats.lognorm(s=spread, scale=np.exp(-(spread**2) / 2))
    return float(integrate.quad(lambda m: (SHARED - m) * factor.pdf(m), 0, SHARED)[0])
