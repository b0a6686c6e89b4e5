"""Tests beside the bootstrap: the clustered t-test and the cluster sign-flip. Both take sums a cluster."""

import numpy as np
from scipy import stats

from bench.stats.sums import Floats, PairedSums

EXACT_CLUSTERS = 16
"""Up to this many clusters that differ, all 2^k flips are enumerated."""
CHUNK = 4_096
"""Flips held in memory at a time."""


def clustered_t(sums: PairedSums) -> float:
    """Two-sided p of delta / SE against t with G - 1 degrees of freedom; 1 where nothing differs, NaN without an SE."""
    if not sums.difference.any():
        return 1.0
    se = sums.standard_error
    if np.isnan(se) or se == 0:
        return float("nan")
    return float(2 * stats.t.sf(abs(sums.delta) / se, sums.clusters - 1))


def sign_flip(sums: PairedSums, flips: int, rng: np.random.Generator) -> float:
    """Two-sided p of the summed difference when each cluster's sign is exchanged at random (approximate randomisation).

    The null: within a cluster the two systems are exchangeable. Enumerated exactly for at most 16 clusters that differ;
    otherwise p = (1 + #{|sum*| >= |sum|}) / (flips + 1), the +1 after Phipson & Smyth (2010). Riezler & Maxwell (2005).
    """
    differing = sums.difference[sums.difference != 0]
    if not len(differing):
        return 1.0
    observed = abs(differing.sum()) * (1 - 1e-12)
    if len(differing) <= EXACT_CLUSTERS:
        return float((np.abs(_all_signs(len(differing)) @ differing) >= observed).mean())
    exceeding = 0
    for start in range(0, flips, CHUNK):
        signs = 1.0 - 2.0 * rng.integers(2, size=(min(CHUNK, flips - start), len(differing)))
        exceeding += int((np.abs(signs @ differing) >= observed).sum())
    return (1 + exceeding) / (flips + 1)


def _all_signs(clusters: int) -> Floats:
    """(2^k, k): every combination of signs."""
    bits = np.arange(2**clusters)[:, None] >> np.arange(clusters) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)
