"""Simulated corpora of given clips, speakers and error rate: how often a cost would bear the mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.stats.bootstrap import bootstrap_deltas, resample_weights
from bench.stats.design import ICC
from bench.stats.power import independent_variance
from bench.stats.sums import Floats, PairedSums

CHUNK = 20
"""Corpora resampled at a time."""


@dataclass(frozen=True, eq=False)
class Clips:
    """Clips of one language, all (n,): reference units, the number of each one's speaker, and of what is resampled.

    The latter is the speaker too wherever speakers are known.
    """

    length: Floats
    speaker: npt.NDArray[np.intp]
    unit: npt.NDArray[np.intp]


def draw_costs(clips: Clips, rate: float, cost: float, rng: np.random.Generator, icc: float = ICC) -> PairedSums:
    """One corpus, summed within what is resampled: errors that only one of the arms makes, `cost` more of them.

    Rates as fractions. Of the variance that a clip's cost has by errors alone, the share `icc` is the speaker's, whose
    cost is normal around the mean one; the rest is Poisson. Errors that both arms make leave no trace in a cost.
    """
    variance = independent_variance(rate)
    of_speaker = np.sqrt(icc * variance / clips.length.mean())
    costs = rng.normal(cost, of_speaker, size=int(clips.speaker.max()) + 1)[clips.speaker]
    own = (1 - icc) * variance / 2
    control, converted = (rng.poisson(clips.length * (own + np.maximum(sign * costs, 0))) for sign in (-1, 1))
    return PairedSums(_summed(clips, control), _summed(clips, converted), _summed(clips, clips.length))


def _summed(clips: Clips, values: npt.ArrayLike) -> Floats:
    return np.bincount(clips.unit, weights=np.asarray(values, dtype=float)).astype(np.float64)


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
