"""Tests beside the bootstrap that take sums a cluster: the clustered t-test and the cluster sign-flip."""

from collections.abc import Sequence

import numpy as np

from bench.stats.distributions import t_sf
from bench.stats.sums import ROUNDING, Floats, PairedSums

EXACT_CLUSTERS = 16
"""The most differing clusters whose 2^k flips are all enumerated."""
CHUNK = 4_096
"""Flips held in memory at a time."""


def clustered_t(sums: PairedSums) -> float:
    """Two-sided p of delta / SE against t with G - 1 degrees of freedom, or those of crossed clusters.

    1 where nothing differs, NaN without an SE.
    """
    if not sums.difference.any():
        return 1.0
    se = sums.standard_error
    if np.isnan(se) or se == 0:
        return float("nan")
    return 2 * t_sf(abs(sums.delta) / se, sums.freedom)


def sign_flip(all_sums: Sequence[PairedSums], flips: int, rng: np.random.Generator) -> list[float]:
    """Two-sided p of the summed difference when each cluster's sign is exchanged at random (approximate randomisation).

    One p for each of several sums over the same clusters, all from the same flips. The null: within a cluster the two
    systems are exchangeable. Enumerated exactly for at most 16 clusters that differ; otherwise
    p = (1 + #{|sum*| >= |sum|}) / (flips + 1), the +1 after Phipson & Smyth (2010). Riezler & Maxwell (2005).
    """
    differences = np.stack([sums.difference for sums in all_sums], axis=1)
    observed = np.abs(differences.sum(axis=0)) * (1 - ROUNDING)
    exceeding = np.zeros(len(all_sums), dtype=np.int64)
    for start in range(0, flips, CHUNK):
        signs = _random_signs(min(CHUNK, flips - start), len(differences), rng)
        exceeding += (np.abs(signs @ differences) >= observed).sum(axis=0)
    sampled = (1 + exceeding) / (flips + 1)
    return [
        _exact(column) if np.count_nonzero(column) <= EXACT_CLUSTERS else float(p)
        for column, p in zip(differences.T, sampled, strict=True)
    ]


def _exact(difference: Floats) -> float:
    """The p over all 2^k flips of the clusters that differ."""
    differing = difference[difference != 0]
    observed = abs(differing.sum()) * (1 - ROUNDING)
    return float((np.abs(_all_signs(len(differing)) @ differing) >= observed).mean())


def _random_signs(rows: int, clusters: int, rng: np.random.Generator) -> Floats:
    """Random signs, -1 and 1, of shape (rows, clusters), drawn a bit each."""
    packed = rng.integers(256, size=(rows, (clusters + 7) // 8), dtype=np.uint8)
    return np.asarray(1.0 - 2.0 * np.unpackbits(packed, axis=1, count=clusters))


def _all_signs(clusters: int) -> Floats:
    """Every combination of k signs: (2^k, k)."""
    bits = np.arange(2**clusters)[:, None] >> np.arange(clusters) & 1
    return np.asarray(1.0 - 2.0 * bits, dtype=np.float64)
