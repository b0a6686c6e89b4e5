"""Paired bootstrap over speakers for the difference of two corpus error rates, symmetric studentised."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""A sum of squares below this share of its terms is a zero that rounding has blurred."""


@dataclass(frozen=True)
class PairedSums:
    """Sums a cluster (speaker): `difference` of errors, converted minus control, and reference `length`; shape (G,)."""

    difference: Floats
    length: Floats

    def __post_init__(self) -> None:
        if self.difference.shape != self.length.shape or self.difference.ndim != 1:
            raise ValueError("difference and length must be vectors of equal size")

    @property
    def clusters(self) -> int:
        return len(self.length)

    @property
    def delta(self) -> float:
        """Difference of the corpus rates, as a fraction; NaN without any reference."""
        total = self.length.sum()
        return float(self.difference.sum() / total) if total else float("nan")


@dataclass(frozen=True)
class PairedEstimate:
    """Delta, its standard error and interval as fractions, and the two-sided p-value that agrees with the interval."""

    delta: float
    standard_error: float
    low: float
    high: float
    p: float


def linearised_se(sums: PairedSums) -> float:
    """Clustered linearisation: SE^2 = G/(G-1) sum_g (d_g - delta n_g)^2 / N^2.

    NaN for fewer than two clusters or without any reference.
    """
    groups = sums.clusters
    if groups < 2 or not sums.length.any():
        return float("nan")
    residuals = sums.difference - sums.delta * sums.length
    scale = (sums.difference**2).sum() + sums.delta**2 * (sums.length**2).sum()
    squares = _without_rounding(np.asarray((residuals**2).sum()), np.asarray(scale))
    return float(np.sqrt(groups / (groups - 1) * squares) / sums.length.sum())


def paired_bootstrap(sums: PairedSums, resamples: int, rng: np.random.Generator, alpha: float = 0.05) -> PairedEstimate:
    """Interval and p-value from |t*| = |delta* - delta| / SE* over resampled speakers.

    The null is a delta of zero. The critical value is the ceil((1 - alpha)(B + 1))-th smallest |t*| and
    p = (1 + #{|t*| >= |t|}) / (B + 1) from the same resamples, so that p <= alpha exactly when the interval excludes 0.

    SE* = 0 in a resample counts as t* = infinity; where that leaves no finite critical value, and where SE itself is 0
    although delta is not, the interval is unbounded. All differences zero: delta 0, p 1. No reference, or fewer than
    two speakers that differ at all: NaN.
    """
    delta, se, nan = sums.delta, linearised_se(sums), float("nan")
    if np.isnan(delta):
        return PairedEstimate(nan, nan, nan, nan, nan)
    if not sums.difference.any():
        return PairedEstimate(0.0, 0.0, 0.0, 0.0, 1.0)
    if np.isnan(se):
        return PairedEstimate(delta, nan, nan, nan, nan)
    if se == 0:
        return PairedEstimate(delta, 0.0, float("-inf"), float("inf"), 1.0)
    t = np.sort(_studentised(sums, resamples, rng))
    rank = int(np.ceil((1 - alpha) * (resamples + 1)))
    critical = float(t[rank - 1]) if rank <= resamples else float("inf")
    p = (1 + int((t >= abs(delta) / se).sum())) / (resamples + 1)
    return PairedEstimate(delta, se, delta - critical * se, delta + critical * se, p)


def _studentised(sums: PairedSums, resamples: int, rng: np.random.Generator) -> Floats:
    """|t*| of every resample, in one matrix product of the resampled weights and the per-speaker moments.

    Moments are taken of the residuals r = d - delta n, of which delta* - delta is the ratio to n: with those of d
    itself the squares would cancel and a zero SE* come out as a tiny one.
    """
    n, groups = sums.length, sums.clusters
    r = sums.difference - sums.delta * n
    weights = rng.multinomial(groups, np.full(groups, 1 / groups), size=resamples).astype(np.float64)
    sum_r, sum_n, sum_rr, sum_rn, sum_nn = (weights @ np.stack([r, n, r * r, r * n, n * n], axis=1)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sum_r / sum_n
        scale = sum_rr + shift**2 * sum_nn
        squares = _without_rounding(sum_rr - 2 * shift * sum_rn + shift**2 * sum_nn, scale)
        t = np.abs(shift) * sum_n / np.sqrt(groups / (groups - 1) * squares)
    t[~(squares > 0)] = np.inf
    return np.asarray(t, dtype=np.float64)


def _without_rounding(squares: Floats, scale: Floats) -> Floats:
    """Sums of squares, with those that are zero but for rounding set to zero."""
    return np.where(squares > ROUNDING * scale, squares, 0.0)
