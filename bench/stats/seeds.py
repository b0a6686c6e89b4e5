"""Training seeds: from differences of single checkpoints to a statement about the method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.distributions import t_isf, t_sf
from bench.stats.sums import PairedSums
from bench.stats.verdicts import ALPHA

FEWEST_SEEDS = 3
"""With fewer training seeds, nothing is said of the method."""
NAN = float("nan")


@dataclass(frozen=True)
class PooledSeeds:
    """Mean delta over training seeds, as a fraction; NaN interval and p under three seeds."""

    seeds: int
    delta: float
    standard_error: float
    df: float
    low: float
    high: float
    p: float


def pool_seeds(pairs: Sequence[PairedSums], alpha: float = ALPHA) -> PooledSeeds:
    """The mean delta over training seeds, each seed's converted arm against the control of that seed on the same clips.

    SE^2 = SE^2 over speakers of the seeds' mean difference + var(delta_s) / S, a t interval with Satterthwaite's
    degrees of freedom. The two parts overlap in the sampling of clips, which makes the sum conservative.
    """
    return pool_languages([pairs], alpha)


def pool_languages(languages: Sequence[Sequence[PairedSums]], alpha: float = ALPHA) -> PooledSeeds:
    """The mean delta over languages, pooled over training seeds; every language has speakers of its own."""
    seeds, count = len(languages[0]), len(languages)
    means = [PairedSums.mean(pairs) for pairs in languages]
    delta = float(np.mean([mean.delta for mean in means]))
    parts = np.array([mean.standard_error**2 for mean in means]) / count**2
    if seeds < FEWEST_SEEDS or np.isnan(parts).any():
        return PooledSeeds(seeds, delta, NAN, NAN, NAN, NAN, NAN)
    of_seeds = float(np.var(np.mean([[sums.delta for sums in pairs] for pairs in languages], axis=0), ddof=1)) / seeds
    se = float(np.sqrt(parts.sum() + of_seeds))
    if se == 0:
        same = delta == 0
        bounds = (0.0, 0.0, 1.0) if same else (float("-inf"), float("inf"), 1.0)
        return PooledSeeds(seeds, delta, 0.0, NAN, *bounds)
    freedom = np.array([mean.freedom for mean in means])
    df = se**4 / (float((parts**2 / freedom).sum()) + of_seeds**2 / (seeds - 1))
    half = t_isf(alpha / 2, df) * se
    p = 2 * t_sf(abs(delta) / se, df)
    return PooledSeeds(seeds, delta, se, df, delta - half, delta + half, p)
