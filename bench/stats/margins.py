"""Bounds of a capped cost that hold where few units changed, or none: what a claim of "within the margin" can rest on.

A cost of which each clip counts at most its own length lies between -1 and 1. Beside the units of the sample stands
one that was not drawn and went as wrong as it can: Learned-Miller & Thomas (2019), A new confidence interval for the
mean of a bounded random variable. Over n independent units of which none changed the upper bound is 1 - alpha^(1/n),
exactly; over units that changed wholly or not at all it is Clopper and Pearson's; it rises with every error, and where
many units changed it is nearly that of Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bench.stats.design import clips_per_cluster, design_effect
from bench.stats.distributions import normal_isf, t_isf
from bench.stats.estimate import Interval
from bench.stats.sums import Floats, PairedSums
from bench.stats.verdicts import ALPHA

SMALLEST_SHAPE = 0.05
STEPS = 60
"""Halvings of [-1, 1]: to the last bit."""


@dataclass(frozen=True, eq=False)
class CappedCost:
    """A cost as a fraction of the reference, and what B draws of the clusters' weights made of it, (B,).

    `units`: how many independent units the clips are worth.
    """

    cost: float
    drawn: Floats
    units: float

    def p_above(self, margin: float) -> float:
        """The one-sided p of a cost of that margin or more: small where it is shown to be less."""
        return _chance(self.drawn, margin, self.units)

    def p_below(self, margin: float) -> float:
        """The one-sided p of a cost of that margin or less: small where it is shown to be more."""
        return _chance(-self.drawn, -margin, self.units)

    def upper(self, alpha: float = ALPHA) -> float:
        """The least margin that the cost is shown to be below, at that one-sided level."""
        return _least_margin(self.drawn, self.units, alpha)

    def lower(self, alpha: float = ALPHA) -> float:
        """The largest margin that the cost is shown to be above, at that one-sided level."""
        return -_least_margin(-self.drawn, self.units, alpha)

    @property
    def interval(self) -> Interval:
        """Two-sided, 95 %: half of the level either side."""
        return Interval(self.lower(ALPHA / 2), self.upper(ALPHA / 2))


def effective_clusters(clips: npt.ArrayLike) -> float:
    """Kish's number of clusters: how many of equally many clips would weigh the same; `clips` a cluster, (G,)."""
    counts = np.asarray(clips, dtype=float)
    return float(counts.sum() ** 2 / (counts**2).sum())


def independent_units(clips: npt.ArrayLike, sentences: npt.ArrayLike | None = None) -> float:
    """How many independent clips those of G clusters are worth, (G,), by the design effect: few changes show none.

    `sentences`: the clips of each of S sentences, (S,), where clusters share some; they take of the worth alike.
    """
    shared = sum(clips_per_cluster(each) - 1 for each in (clips, sentences) if each is not None)
    return float(np.sum(clips)) / design_effect(1 + shared)


def largest_share(seen: float, units: float, alpha: float = ALPHA) -> float:
    """The largest share of units like those `seen` among so many independent ones that is not ruled out, one-sided.

    Clopper and Pearson (1934); 1 - alpha^(1 / units) where none was seen.
    """
    return float(special.betaincinv(seen + 1, units - seen, 1 - alpha)) if units > seen else 1.0


def draw_clusters(clips: npt.ArrayLike, draws: int, rng: np.random.Generator) -> Floats:
    """Positive weights of clusters of so many `clips`, (draws, G): the Bayesian bootstrap, Rubin (1981).

    Exponential where clusters are many; of few, gamma variables of a smaller shape, so that a mean spreads as Student's
    t does over the effective clusters.
    """
    counts = np.asarray(clips, dtype=float)
    groups = effective_clusters(counts)
    freedom = max(groups - 1, 1.0)
    shape = (normal_isf(ALPHA) / t_isf(ALPHA, freedom)) ** 2 * freedom / groups - 1 / len(counts)
    return rng.standard_gamma(max(shape, SMALLEST_SHAPE), (draws, len(counts)))


def bound_capped_cost(
    sums: PairedSums, clips: npt.ArrayLike, weights: Floats, sentences: npt.ArrayLike | None = None
) -> CappedCost:
    """The bounds of a cost whose errors are capped, from the clusters' `sums` and numbers of `clips`, (G,).

    `weights` (B, G) as `draw_clusters` makes them; `sentences`: the clips of each, (S,), where they are crossed with
    the clusters, and draws are spread by as much as the two-way standard error is larger. Under two clusters, or
    without any reference: NaN.
    """
    if sums.clusters < 2 or not sums.length.any():
        return CappedCost(float("nan"), np.full(len(weights), np.nan), 0.0)
    drawn = (weights @ sums.difference) / (weights @ sums.length)
    one_way, crossed = sums.standard_errors
    if crossed > one_way > 0:
        drawn = sums.delta + (drawn - sums.delta) * crossed / one_way
    return CappedCost(sums.delta, np.clip(drawn, -1, 1), independent_units(clips, sentences))


def _chance(drawn: Floats, margin: float, units: float) -> float:
    """That the cost, with the unit that was not drawn, reaches the margin: over that unit's weight in closed form.

    Its weight b has the distribution of the least of `units` uniform numbers; (1 - b) drawn + b >= margin.
    """
    if np.isnan(drawn).any():
        return float("nan")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(drawn >= margin, 1.0, (1 - margin) / (1 - drawn))
    return float((np.clip(share, 0, 1) ** units).mean())


def _least_margin(drawn: Floats, units: float, alpha: float) -> float:
    if np.isnan(drawn).any():
        return float("nan")
    low, high = -1.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if _chance(drawn, middle, units) <= alpha else (middle, high)
    return high
