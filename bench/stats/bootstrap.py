"""Paired bootstrap over speakers for the difference of two corpus error rates, symmetric studentised."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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
    """Clustered linearisation: SE^2 = G/(G-1) sum_g (d_g - delta n_g)^2 / N^2. NaN for fewer than two clusters."""
    groups = sums.clusters
    if groups < 2:
        return float("nan")
    residuals = sums.difference - sums.delta * sums.length
    return float(np.sqrt(groups / (groups - 1) * (residuals**2).sum()) / sums.length.sum())


def paired_bootstrap(sums: PairedSums, resamples: int, rng: np.random.Generator, alpha: float = 0.05) -> PairedEstimate:
    """Interval and p-value from |t*| = |delta* - delta| / SE* over resampled speakers.

    The null is a delta of zero. The critical value is the ceil((1 - alpha)(B + 1))-th smallest |t*| and
    p = (1 + #{|t*| >= |t|}) / (B + 1) from the same resamples, so that p <= alpha exactly when the interval excludes 0.
    SE* = 0 in a resample counts as t* = infinity. All differences zero: delta 0, p 1. Fewer than two clusters: NaN.
    """
    delta, se = sums.delta, linearised_se(sums)
    if not sums.difference.any():
        return PairedEstimate(0.0, 0.0, 0.0, 0.0, 1.0)
    if np.isnan(se):
        return PairedEstimate(delta, se, float("nan"), float("nan"), float("nan"))
    t = np.sort(_studentised(sums, resamples, rng))
    rank = int(np.ceil((1 - alpha) * (resamples + 1)))
    critical = float(t[rank - 1]) if rank <= resamples else float("inf")
    margin = critical * se if se else 0.0
    observed = abs(delta) / se if se else float("inf")
    p = (1 + int((t >= observed).sum())) / (resamples + 1)
    return PairedEstimate(delta, se, delta - margin, delta + margin, p)


def _studentised(sums: PairedSums, resamples: int, rng: np.random.Generator) -> Floats:
    """|t*| of every resample, in one matrix product of the resampled weights and the per-speaker moments."""
    d, n, groups = sums.difference, sums.length, sums.clusters
    weights = rng.multinomial(groups, np.full(groups, 1 / groups), size=resamples).astype(np.float64)
    sum_d, sum_n, sum_dd, sum_dn, sum_nn = (weights @ np.stack([d, n, d * d, d * n, n * n], axis=1)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        star = sum_d / sum_n
        squares = np.maximum(sum_dd - 2 * star * sum_dn + star**2 * sum_nn, 0.0)
        se = np.sqrt(groups / (groups - 1) * squares) / sum_n
        t = np.abs(star - sums.delta) / se
    degenerate = ~(se > 1e-12 * np.abs(sums.difference).max() / n.sum())
    t[degenerate] = np.inf
    return np.asarray(t, dtype=np.float64)
