"""Training seeds: from differences of single checkpoints to a statement about the method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bench.stats.sums import PairedSums

FEWEST_SEEDS = 3
"""Under this many, nothing is said of the method."""
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


def pool_seeds(pairs: Sequence[PairedSums], alpha: float = 0.05) -> PooledSeeds:
    """Each seed's converted arm against the control of that seed, over the same clips and clusters.

    SE^2 = SE^2 over speakers of the seeds' mean difference + var(delta_s) / S, a t interval with Satterthwaite's
    degrees of freedom. The two parts overlap in the sampling of clips, which makes the sum conservative.
    """
    count = len(pairs)
    mean = PairedSums.of_differences(
        np.mean([sums.difference for sums in pairs], axis=0), np.mean([sums.length for sums in pairs], axis=0)
    )
    if count < FEWEST_SEEDS or np.isnan(mean.standard_error):
        return PooledSeeds(count, mean.delta, NAN, NAN, NAN, NAN, NAN)
    of_speakers = mean.standard_error**2
    of_seeds = float(np.var([sums.delta for sums in pairs], ddof=1)) / count
    se = float(np.sqrt(of_speakers + of_seeds))
    if se == 0:
        same = mean.delta == 0
        bounds = (0.0, 0.0, 1.0) if same else (float("-inf"), float("inf"), 1.0)
        return PooledSeeds(count, mean.delta, 0.0, NAN, *bounds)
    df = se**4 / (of_speakers**2 / (mean.clusters - 1) + of_seeds**2 / (count - 1))
    half = float(stats.t.isf(alpha / 2, df)) * se
    p = float(2 * stats.t.sf(abs(mean.delta) / se, df))
    return PooledSeeds(count, mean.delta, se, df, mean.delta - half, mean.delta + half, p)
