"""Estimates over several languages: medians, means and trends, with intervals from speakers resampled jointly."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bench.stats.bootstrap import Bootstrap
from bench.stats.estimate import Estimate
from bench.stats.sums import Floats
from bench.stats.verdicts import ALPHA

Statistic = Callable[[Floats], Floats]
"""A function from deltas of shape (..., B) to (B,): one value for each column."""


def summarise(deltas: Sequence[Bootstrap], statistic: Statistic, alpha: float = ALPHA) -> Estimate:
    """A statistic of the deltas (rows, in the order given) and the interval that resampling speakers gives it.

    Every delta must come from the same number of resamples: the b-th of each, speakers drawn anew within every language
    and the shifts as wide as the standard error, makes the b-th of the statistic. The half-width is the ceil((1 -
    alpha)(B + 1))-th smallest |statistic* - statistic|. NaN interval where a delta has no interval of its own: of a
    cell in which too few units differ nobody knows how far its cost may lie from what was seen.
    """
    estimates = np.array([delta.estimate for delta in deltas])
    value = float(statistic(estimates[:, None])[0])
    if not all(delta.interval(alpha).is_determined for delta in deltas):
        return Estimate(value, float("nan"), float("nan"))
    resampled = statistic(estimates[:, None] + np.stack([delta.spread for delta in deltas]))
    distances = np.sort(np.abs(resampled - value))
    rank = int(np.ceil((1 - alpha) * (len(distances) + 1)))
    half = float(distances[rank - 1]) if rank <= len(distances) else float("inf")
    return Estimate(value, value - half, value + half)


def median(deltas: Floats) -> Floats:
    return np.asarray(np.median(deltas, axis=0))


def mean(deltas: Floats) -> Floats:
    return np.asarray(np.mean(deltas, axis=0))


def slope_per_doubling(parameters: Sequence[int], statistic: Statistic) -> Statistic:
    """The least-squares slope over log2(parameters) of a statistic of each size's deltas.

    Deltas come member by member, as many for each; members of one size (training seeds) are averaged, so that sizes
    weigh the same. Raises ValueError for fewer than two different sizes.
    """
    sizes, member_of = np.unique(np.asarray(parameters, dtype=float), return_inverse=True)
    if len(sizes) < 2:
        raise ValueError("a slope needs two sizes at least")
    centred = np.log2(sizes) - np.log2(sizes).mean()

    def slope(deltas: Floats) -> Floats:
        members: npt.NDArray[np.float64] = np.stack([statistic(part) for part in np.split(deltas, len(parameters))])
        by_size = np.stack([members[member_of == size].mean(axis=0) for size in range(len(sizes))])
        return np.asarray(centred @ by_size / (centred**2).sum())

    return slope
