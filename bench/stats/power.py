"""What a comparison can detect, and how many speakers it would take."""

import numpy as np

from bench.stats.distributions import normal_isf, normal_sf
from bench.stats.verdicts import ALPHA

POWER = 0.8
"""The chance of finding an effect of the size called detectable."""
OWN_SHARE = 0.4
"""The share of an arm's errors that the other does not make too, where nothing has been decoded yet."""
OVERDISPERSION = 1.06
"""The factor by which clips and speakers of unequal difficulty raise the variance of Poisson errors, as simulated."""


def critical_normal(alpha: float) -> float:
    """Two-sided critical value of the normal distribution."""
    return normal_isf(alpha / 2)


def minimum_detectable_effect(standard_error: float, critical: float) -> float:
    """The true effect that comes out significant with 80 % chance: (c + 0.84) SE.

    With the critical value at alpha / m, Holm's first step, it is consistent with the mark of a family of m.
    """
    return (critical + normal_isf(1 - POWER)) * standard_error


def size_ratio_for(effect: float, standard_error: float, critical: float) -> float:
    """The factor of speakers, with as many clips each, that makes `effect` detectable: SE falls with its root."""
    return (minimum_detectable_effect(standard_error, critical) / effect) ** 2


def power_to_show_margin(standard_error: float, margin: float, alpha: float = ALPHA) -> float:
    """The chance that the upper end of the 1 - 2 alpha interval stays below the margin, the true cost being zero."""
    return normal_sf(normal_isf(alpha) - margin / standard_error)


def expected_standard_error(rate: float, length: float) -> float:
    """The SE of a delta, as a fraction, that two arms of that error rate will have over `length` reference units.

    Of independent clips, without loops; the root of the design effect times as much of clips by few speakers.
    """
    return float(np.sqrt(independent_variance(rate) / length))


def independent_variance(rate: float) -> float:
    """The variance of a delta over one reference unit: each arm's own errors, 40 % of all, taken as Poisson and
    independent of the other's.
    """
    return 2 * OWN_SHARE * rate * OVERDISPERSION
