"""Simulated corpora of given clips, speakers and error rate: how often a cost would bear the mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.design import ICC, clips_per_cluster, design_effect
from bench.stats.power import independent_variance
from bench.stats.resampling import bootstrap_deltas, resample_weights
from bench.stats.sums import Floats, Ints, PairedSums, Totals

CHUNK = 20
"""Corpora resampled at a time."""


@dataclass(frozen=True, eq=False)
class Clips:
    """Clips of one language, all (n,): reference units, the number of each one's speaker, and of what is resampled.

    The latter is the speaker too wherever speakers are known. `sentences`: as `cross` gives them.
    """

    length: Floats
    speaker: Ints
    unit: Ints
    sentences: tuple[Ints, Ints] | None = None

    @property
    def alike(self) -> list[Ints]:
        """The numbers of what makes clips alike: speakers, and sentences where several units read one."""
        return [self.speaker] if self.sentences is None else [self.speaker, self.sentences[0]]

    @property
    def design_effect(self) -> float:
        """What that raises the variance of a cost by."""
        return design_effect(1 + sum(clips_per_cluster(np.bincount(of)) - 1 for of in self.alike))


def draw_costs(clips: Clips, rate: float, cost: float, rng: np.random.Generator, icc: float = ICC) -> PairedSums:
    """One corpus, summed within what is resampled: errors that only one of the arms makes, `cost` more of them.

    Rates as fractions. Of the variance that a clip's cost has, the share `icc` is the speaker's, and as much the
    sentence's where those are crossed, whose costs are normal around the mean one; the rest is Poisson. Errors that
    both arms make leave no trace in a cost.
    """
    variance = independent_variance(rate)
    spread = np.sqrt(icc * variance / clips.length.mean())
    costs = cost + sum(rng.normal(0, spread, size=int(of.max()) + 1)[of] for of in clips.alike)
    own = (1 - icc * len(clips.alike)) * variance / 2
    control, converted = (rng.poisson(clips.length * (own + np.maximum(sign * costs, 0))) for sign in (-1, 1))
    return PairedSums.of_totals(Totals.within([control, converted, clips.length], clips.unit, clips.sentences))


def simulate_power(
    clips: Clips,
    rate: float,
    cost: float,
    alphas: Sequence[float],
    corpora: int,
    resamples: int,
    rng: np.random.Generator,
    advance: Callable[[int], object] = lambda done: None,
) -> list[float]:
    """The share of simulated corpora in which the bootstrap's p of a true `cost` is at most each of `alphas`.

    `advance` is told how many more corpora are done.
    """
    weights = resample_weights(int(clips.unit.max()) + 1, resamples, rng)
    p_values: list[float] = []
    while len(p_values) < corpora:
        drawn = [draw_costs(clips, rate, cost, rng) for _ in range(min(CHUNK, corpora - len(p_values)))]
        p_values += [delta.p for delta in bootstrap_deltas(drawn, weights)]
        advance(len(drawn))
    return [float(np.mean([p <= alpha for p in p_values])) for alpha in alphas]
