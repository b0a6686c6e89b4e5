"""Paired bootstrap over speakers for differences of two corpus error rates: symmetric studentised, and percentile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.sums import Floats, PairedSums, without_rounding

NAN, INFINITY = float("nan"), float("inf")
CHUNK = 64
"""Resamples drawn at a time: few enough to be counted in the processor's cache."""


@dataclass(frozen=True)
class PairedEstimate:
    """Delta, its standard error and intervals as fractions, and the two-sided p-value that agrees with [low, high].

    `percentile` is the plain percentile interval of the same resamples, for comparison: it covers too little.
    """

    delta: float
    standard_error: float
    low: float
    high: float
    p: float
    percentile: tuple[float, float]


def resample_weights(clusters: int, resamples: int, rng: np.random.Generator) -> Floats:
    """How often each cluster is drawn in each resample: (resamples, clusters), every row summing to `clusters`."""
    weights = np.empty((resamples, clusters))
    for start in range(0, resamples, CHUNK):
        rows = min(CHUNK, resamples - start)
        drawn = rng.integers(clusters, size=(rows, clusters), dtype=np.int32) + clusters * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * clusters)
        weights[start : start + rows] = counts.reshape(rows, clusters)
    return weights


def paired_bootstrap(all_sums: Sequence[PairedSums], weights: Floats, alpha: float = 0.05) -> list[PairedEstimate]:
    """One estimate for each of several sums over the same clusters, all from one matrix of resamples.

    The statistic is t* = (delta* - delta) / SE*, the null a delta of zero. The critical value is the
    ceil((1 - alpha)(B + 1))-th smallest |t*| and p = (1 + #{|t*| >= |t|}) / (B + 1), so that p <= alpha exactly when
    the interval excludes 0.

    SE* = 0 in a resample counts as t* = infinity; where that leaves no finite critical value, and where SE itself is 0
    although delta is not, the interval is unbounded. All differences zero: delta 0, p 1. No reference, or fewer than
    two clusters: NaN.
    """
    moments = np.concatenate([_moments(sums) for sums in all_sums], axis=1)
    resampled = np.split(weights @ moments, len(all_sums), axis=1)
    return [_estimate(sums, sampled, alpha) for sums, sampled in zip(all_sums, resampled, strict=True)]


def _moments(sums: PairedSums) -> Floats:
    """(G, 5): what a resample's delta* and SE* are made of.

    Taken of the residuals r = d - delta n, of which delta* - delta is the ratio to n: with moments of d itself the
    squares would cancel and a zero SE* come out as a tiny one.
    """
    r, n = sums.residuals, sums.length
    return np.stack([r, n, r * r, r * n, n * n], axis=1)


def _estimate(sums: PairedSums, resampled: Floats, alpha: float) -> PairedEstimate:
    delta, se = sums.delta, sums.standard_error
    if np.isnan(delta):
        return PairedEstimate(NAN, NAN, NAN, NAN, NAN, (NAN, NAN))
    if not sums.difference.any():
        return PairedEstimate(0.0, 0.0, 0.0, 0.0, 1.0, (0.0, 0.0))
    if np.isnan(se):
        return PairedEstimate(delta, NAN, NAN, NAN, NAN, (NAN, NAN))
    if se == 0:
        return PairedEstimate(delta, 0.0, -INFINITY, INFINITY, 1.0, (delta, delta))
    shift, t = _studentised(resampled, sums.clusters)
    low, high = np.nanquantile(delta + shift, [alpha / 2, 1 - alpha / 2])
    ordered = np.sort(t)
    rank = int(np.ceil((1 - alpha) * (len(t) + 1)))
    critical = float(ordered[rank - 1]) if rank <= len(t) else INFINITY
    p = (1 + int((t >= abs(delta) / se).sum())) / (len(t) + 1)
    return PairedEstimate(delta, se, delta - critical * se, delta + critical * se, p, (float(low), float(high)))


def _studentised(resampled: Floats, clusters: int) -> tuple[Floats, Floats]:
    """delta* - delta and |t*| of every resample. A resample without any reference has neither: NaN and infinity."""
    sum_r, sum_n, sum_rr, sum_rn, sum_nn = resampled.T
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sum_r / sum_n
        scale = sum_rr + shift**2 * sum_nn
        squares = without_rounding(sum_rr - 2 * shift * sum_rn + shift**2 * sum_nn, scale)
        t = np.abs(shift) * sum_n / np.sqrt(clusters / (clusters - 1) * squares)
    t[~(squares > 0)] = np.inf
    return shift, t
