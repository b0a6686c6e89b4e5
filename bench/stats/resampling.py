"""Paired bootstrap over speakers: resamples drawn, and what they make of differences and ratios of two error rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.stats.bootstrap import DECIMALS, INFINITY, NAN, Bootstrap
from bench.stats.sums import Floats, PairedSums, Totals, without_rounding

CHUNK = 64
"""Resamples drawn at a time: few enough to be counted in the processor's cache."""


def resample_weights(clusters: int, resamples: int, rng: np.random.Generator) -> Floats:
    """The times that each cluster is drawn in each resample: (resamples, clusters), every row summing to `clusters`."""
    weights = np.empty((resamples, clusters))
    for start in range(0, resamples, CHUNK):
        rows = min(CHUNK, resamples - start)
        drawn = rng.integers(clusters, size=(rows, clusters), dtype=np.int32) + clusters * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * clusters)
        weights[start : start + rows] = counts.reshape(rows, clusters)
    return weights


def bootstrap_deltas(all_sums: Sequence[PairedSums], weights: Floats) -> list[Bootstrap]:
    """The delta of each of several sums over the same clusters, all from one matrix of resamples (B, G)."""
    moments = np.concatenate([_delta_moments(sums) for sums in all_sums], axis=1)
    resampled = np.split(weights @ moments, len(all_sums), axis=1)
    return [_delta(sums, sampled) for sums, sampled in zip(all_sums, resampled, strict=True)]


def bootstrap_log_ratios(all_sums: Sequence[PairedSums], weights: Floats) -> list[Bootstrap]:
    """The log of errors converted over errors control, from the same resamples; NaN where either arm makes no error."""
    arms = [sums.totals.of([[0, 1], [1, 0], [0, 0]]) for sums in all_sums]
    return bootstrap_log_contrasts(arms, (1, -1), weights)


def bootstrap_log_contrasts(all_totals: Sequence[Totals], signs: Sequence[int], weights: Floats) -> list[Bootstrap]:
    """The contrast sum_i sign_i log X_i, X_i the total of column i: ratios, or ratios of ratios, of the same resamples.

    Each of `all_totals` has k columns, `signs` k entries that sum to zero. NaN where a total is zero.
    SE^2 = G/(G-1) sum_g (sum_i sign_i x_gi / X_i)^2, by linearisation.
    """
    contrast = np.asarray(signs, dtype=float)
    pairs = np.triu_indices(len(contrast))
    counts = [totals.clusters for totals in all_totals]
    moments = np.concatenate([np.hstack([x, x[:, pairs[0]] * x[:, pairs[1]]]) for x in counts], axis=1)
    resampled = np.split(weights @ moments, len(counts), axis=1)
    return [_log_contrast(totals, contrast, sampled) for totals, sampled in zip(all_totals, resampled, strict=True)]


def _delta_moments(sums: PairedSums) -> Floats:
    """The moments that a resample's delta* and SE* are made of: (G, 5).

    Taken of the residuals r = d - delta n, of which delta* - delta is the ratio to n: with moments of d itself the
    squares would cancel and a zero SE* come out as a tiny one.
    """
    r, n = sums.residuals, sums.length
    return np.stack([r, n, r * r, r * n, n * n], axis=1)


def _delta(sums: PairedSums, resampled: Floats) -> Bootstrap:
    estimate, errors = sums.delta, sums.standard_errors
    if estimate == 0 and not sums.difference.any():
        return Bootstrap(0.0, 0.0, np.zeros(len(resampled)), np.full(len(resampled), INFINITY))
    if np.isnan(errors).any():
        return _undetermined(estimate, len(resampled))
    sum_r, sum_n, sum_rr, sum_rn, sum_nn = resampled.T
    with np.errstate(divide="ignore", invalid="ignore"):
        shifts = sum_r / sum_n
        squares = sum_rr - 2 * shifts * sum_rn + shifts**2 * sum_nn
        scale = sum_rr + shifts**2 * sum_nn
        return _bootstrap(estimate, errors, sums.totals, shifts, squares, scale, sum_n)


def _log_contrast(counts: Totals, signs: Floats, resampled: Floats) -> Bootstrap:
    groups, totals = len(counts.clusters), counts.clusters.sum(axis=0)
    if groups < 2 or not (totals > 0).all():
        return _undetermined(NAN, len(resampled))
    estimate = float(np.log(totals) @ signs)
    one_way, crossed = np.sqrt(counts.variances(signs / totals))
    first, second = np.triu_indices(len(signs))
    twice = np.where(first == second, 1.0, 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn, products = np.split(resampled, [len(signs)], axis=1)
        shifts = np.log(drawn) @ signs - estimate
        products = products / (drawn[:, first] * drawn[:, second])
        scales = products[:, first == second].sum(axis=1)
        squares = products @ (twice * signs[first] * signs[second])
        return _bootstrap(estimate, (float(one_way), float(crossed)), counts, shifts, squares, scales, 1.0)


def _bootstrap(
    estimate: float,
    errors: tuple[float, float],
    totals: Totals,
    shifts: Floats,
    squares: Floats,
    scale: Floats,
    total: Floats | float,
) -> Bootstrap:
    """The estimate with its |t*| = |shift| / SE*, SE*^2 = G/(G-1) squares / total^2; infinite without a reference.

    `errors`: the standard error of independent clusters and that of crossed ones.
    """
    small = len(totals.clusters) / (len(totals.clusters) - 1)
    squares = without_rounding(squares, scale)
    t = np.abs(shifts) * total / np.sqrt(small * squares)
    t[~(squares > 0) | ~np.isfinite(shifts)] = np.inf
    one_way, crossed = errors
    wider = crossed / one_way if one_way > 0 else 1.0
    freedom = None if totals.crossing is None else totals.freedom
    return Bootstrap(estimate, crossed, shifts, np.sort(t).round(DECIMALS), freedom, float(np.sqrt(small)) * wider)


def _undetermined(estimate: float, resamples: int) -> Bootstrap:
    return Bootstrap(estimate, NAN, np.full(resamples, NAN), np.full(resamples, INFINITY))
