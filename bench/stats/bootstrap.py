"""What a bootstrap says of one estimate: standard error, p-values and intervals from its resamples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.stats.distributions import t_isf, t_sf
from bench.stats.estimate import Estimate, Interval
from bench.stats.sums import Floats
from bench.stats.verdicts import ALPHA

NAN, INFINITY = float("nan"), float("inf")
SURELY = 5.0
"""Standard errors by which one p must exceed another to be surely the larger."""
DECIMALS = 10
"""Digits of |t| that are kept: what is equal but for rounding is a tie, and a tie counts against significance."""


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """An estimate as a fraction, its standard error, and what B resamples made of them.

    `shifts` holds estimate* - estimate, in the order of the resamples; `t` holds |t*| = |estimate* - estimate| / SE*,
    ascending, to 10 decimals. Both have shape (B,).

    The interval is symmetric and studentised: its critical value is the ceil((1 - alpha)(B + 1))-th smallest |t*|, and
    p = (1 + #{|t*| >= |t|}) / (B + 1), the null an estimate of zero, so that p <= alpha exactly when the interval
    excludes 0. SE* = 0 in a resample counts as t* = infinity; where that leaves no finite critical value the interval
    is unbounded. SE itself 0 although the estimate is not: unbounded, p 1. Nothing differs at all: estimate 0, p 1.
    Fewer than two clusters, or no reference: NaN.

    Where sentences are crossed with the clusters, SE is the two-way one, of `freedom` degrees; |t*| is of resampled
    clusters alone, so that Student's t is asked too, and the larger critical value and the larger p count. `scale`:
    what makes the shifts spread as far as SE says: two-way over one-way SE, times sqrt(G / (G - 1)), by which resamples
    of few clusters are too narrow.
    """

    estimate: float
    standard_error: float
    shifts: Floats
    t: Floats
    freedom: int | None = None
    scale: float = 1.0

    @classmethod
    def joined(cls, parts: Sequence[Bootstrap]) -> Bootstrap:
        """One estimate's resamples, from several draws of them."""
        shifts, t = (np.concatenate([getattr(part, name) for part in parts]) for name in ("shifts", "t"))
        return replace(parts[0], shifts=shifts, t=np.sort(t))

    @property
    def p(self) -> float:
        """The two-sided p of no difference: the share of resamples, the sample among them, whose |t*| reaches |t|."""
        if np.isnan(self.standard_error):
            return NAN
        if self.standard_error == 0:
            return 1.0
        return max(self._drawn_p, self._students_p)

    @property
    def p_error(self) -> float:
        """The standard error of p over draws of as many resamples; 0 where p is surely Student's."""
        if np.isnan(self.standard_error) or self.standard_error == 0:
            return 0.0
        error = float(np.sqrt(self._drawn_p * (1 - self._drawn_p) / len(self.t)))
        return 0.0 if self._students_p - self._drawn_p > SURELY * error else error

    @property
    def _drawn_p(self) -> float:
        exceeding = len(self.t) - int(np.searchsorted(self.t, self._observed))
        return (1 + exceeding) / (len(self.t) + 1)

    @property
    def _students_p(self) -> float:
        """Of the same t; 0 where clusters are not crossed, and it does not count."""
        return 0.0 if self.freedom is None else 2 * t_sf(self._observed, self.freedom)

    @property
    def one_sided_p(self) -> float:
        """The p of an effect of zero or less: half the two-sided one if the estimate is above zero, else the rest."""
        return self.p / 2 if self.estimate > 0 else 1 - self.p / 2

    @property
    def _observed(self) -> float:
        return round(abs(self.estimate) / self.standard_error, DECIMALS)

    def critical(self, alpha: float) -> float:
        """The |t| that must be exceeded at that two-sided level; infinity where B is too small to say."""
        rank = int(np.ceil((1 - alpha) * (len(self.t) + 1)))
        drawn = float(self.t[rank - 1]) if rank <= len(self.t) else INFINITY
        return drawn if self.freedom is None else max(drawn, t_isf(alpha / 2, self.freedom))

    @property
    def spread(self) -> Floats:
        """The shifts, as wide as the standard error: what a statistic of several estimates is resampled from."""
        return self.shifts * self.scale

    def interval(self, alpha: float = ALPHA) -> Interval:
        if self.standard_error == 0:
            half = 0.0 if self.estimate == 0 else INFINITY
        else:
            critical = self.critical(alpha)
            half = abs(self.estimate) if critical == self._observed else critical * self.standard_error
        return Interval(self.estimate - half, self.estimate + half)

    def estimated(self, alpha: float = ALPHA) -> Estimate:
        """The estimate with its interval and standard error, as a fraction."""
        return Estimate(self.estimate, *self.interval(alpha), self.standard_error)

    def percentile(self, alpha: float = ALPHA) -> Interval:
        """The plain percentile interval of the same resamples, for comparison: it covers too little."""
        if np.isnan(self.standard_error):
            return Interval(NAN, NAN)
        low, high = np.quantile(self.estimate + self._drawn, [alpha / 2, 1 - alpha / 2])
        return Interval(float(low), float(high))

    @property
    def _drawn(self) -> Floats:
        """The shifts of the resamples that drew a reference, or that have a ratio."""
        drawn: Floats = self.shifts[np.isfinite(self.shifts)]
        return drawn

    @property
    def percentile_p(self) -> float:
        """The two-sided p: twice the smaller share of resamples on either side of zero, the original among them."""
        if np.isnan(self.standard_error):
            return NAN
        resampled = self.estimate + self._drawn
        beyond = min(int((resampled <= 0).sum()), int((resampled >= 0).sum()))
        return min(1.0, 2 * (1 + beyond) / (len(resampled) + 1))
