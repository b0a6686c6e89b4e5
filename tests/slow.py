"""The paired bootstrap over speakers once more, resample by resample in plain Python, its standard errors by calculus.

It shares nothing with the product but the resamples themselves, which the suite's seed and the language name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, inf, sqrt

import numpy as np

from bench.stats import resample_weights

Statistic = Callable[[np.ndarray], complex]
"""From the sums over all speakers, one a column, to what is estimated; analytic, of degree zero."""
STEP = 1e-30


def draws(language: str, clusters: int, resamples: int, seed: int = 1) -> np.ndarray:
    """How often each speaker is drawn in each resample: (B, G); the same under every condition."""
    name = int.from_bytes(blake2b(f"{seed}\0{language}\0clean".encode(), digest_size=8).digest(), "big")
    return resample_weights(clusters, resamples, np.random.default_rng([name]))


@dataclass(frozen=True)
class Slow:
    """An estimate, its standard error, the resampled estimates and |t*| of each, ascending."""

    estimate: float
    standard_error: float
    resampled: Sequence[float]
    t: Sequence[float]

    @property
    def p(self) -> float:
        observed = round(abs(self.estimate) / self.standard_error, 9)
        return (1 + sum(round(t, 9) >= observed for t in self.t)) / (len(self.t) + 1)

    def critical(self, alpha: float) -> float:
        rank = ceil((1 - alpha) * (len(self.t) + 1))
        return self.t[rank - 1] if rank <= len(self.t) else inf

    def interval(self, alpha: float) -> tuple[float, float]:
        half = self.critical(alpha) * self.standard_error
        return self.estimate - half, self.estimate + half

    @property
    def percentile_p(self) -> float:
        below, above = (sum(sign * value <= 1e-12 for value in self.resampled) for sign in (1, -1))
        return min(1.0, 2 * (1 + min(below, above)) / (len(self.resampled) + 1))


def bootstrap(sums: np.ndarray, statistic: Statistic, weights: np.ndarray) -> Slow:
    """Studentised: SE^2 = G/(G-1) sum_g influence_g^2, the influence of a speaker being gradient times his sums."""
    groups = len(sums)
    ones = np.ones(groups)
    estimate, error = statistic(ones @ sums).real, _standard_error(sums, statistic, ones)
    resampled = [statistic(row @ sums).real for row in weights]
    errors = [_standard_error(sums, statistic, row) for row in weights]
    t = [abs(value - estimate) / of if of > 1e-12 else inf for value, of in zip(resampled, errors, strict=True)]
    return Slow(estimate, error, resampled, sorted(t))


def _standard_error(sums: np.ndarray, statistic: Statistic, drawn: np.ndarray) -> float:
    totals = drawn @ sums
    gradient = []
    for column in range(len(totals)):
        moved = totals.astype(complex)
        moved[column] += 1j * STEP
        gradient.append(statistic(moved).imag / STEP)
    influence = sums @ np.array(gradient)
    groups = len(sums)
    return sqrt(groups / (groups - 1) * float(drawn @ influence**2))
