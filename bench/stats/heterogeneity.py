"""Estimates of several groups taken as a sample of their kind: how far groups differ, and where another would lie.

The random-effects model: the true values of the groups scatter with standard deviation tau about a mean, the estimates
about them with their standard errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from bench.stats.distributions import t_isf
from bench.stats.estimate import Estimate, Interval
from bench.stats.sums import Floats
from bench.stats.verdicts import ALPHA

FEWEST_GROUPS = 3
"""With fewer, nothing is said of another: two have one degree of freedom between them."""
HEAVY_TAILS = 0.8
"""The part of alpha that a prediction leaves outside where true values are normal; of heavy tails it leaves more."""
FARTHEST = 1e-5
"""The confidence in a larger tau than the largest that is looked at."""
MOST_STEPS, TAUS, HALVINGS = 200, 400, 40


@dataclass(frozen=True)
class RandomEffects:
    """Of k groups, in the unit of their estimates.

    `mean`: over all groups of their kind, with its modified Knapp-Hartung interval. `tau`: the standard deviation of
    true values. `i2`: the share, 0 to 1, of the variation between estimates that is not their standard errors'.
    `prediction`: the interval for the true value of a group that is not among them.
    """

    mean: Estimate
    tau: float
    i2: float
    prediction: Interval


def random_effects(estimates: Sequence[float], standard_errors: Sequence[float], alpha: float = ALPHA) -> RandomEffects:
    """Summarises k groups from an estimate and a standard error each.

    tau^2 after Paule and Mandel (1982), I^2 after Higgins and Thompson (2002). The mean's standard error after Knapp
    and Hartung, never below the plain one (Röver, Knapp & Friede 2015), with t of k - 1 degrees of freedom. Prediction:
    see `predict`. Raises ValueError for fewer than three groups, and where a standard error is not above zero.
    """
    from statsmodels.stats.meta_analysis import combine_effects  # a second, with the scipy.stats that it brings

    effects, errors = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float)
    if len(effects) < FEWEST_GROUPS or not (errors > 0).all():
        raise ValueError(f"{FEWEST_GROUPS} groups at least, each with a standard error above zero")
    with np.errstate(divide="ignore", invalid="ignore"):  # in an I^2 of its own, where all estimates are equal
        fitted = combine_effects(effects, errors**2, method_re="iterated", maxiter=MOST_STEPS)
    mean, tau_squared = float(fitted.mean_effect_re), float(fitted.tau2)
    standard_error = float(fitted.sd_eff_w_re * np.sqrt(max(1.0, fitted.scale_hksj_re)))
    half = t_isf(alpha / 2, len(effects) - 1) * standard_error
    return RandomEffects(
        mean=Estimate(mean, mean - half, mean + half, standard_error),
        tau=float(np.sqrt(tau_squared)),
        i2=tau_squared / (tau_squared + _typical_variance(errors)),
        prediction=predict(effects, errors, alpha),
    )


def predict(effects: Floats, errors: Floats, alpha: float = ALPHA) -> Interval:
    """Where the true value of another group lies, from k estimates and standard errors, (k,).

    Higgins, Thompson & Spiegelhalter's interval (2009), mean +- t sqrt(tau^2 + SE^2), takes one tau for the true one:
    where that is as small as the standard errors it covers as little as 86 %. Here, as with Nagashima, Noma & Furukawa
    (2019), tau has its confidence distribution, by which Cochran's Q at the true tau is chi-squared with k - 1 degrees
    of freedom (Viechtbauer 2007), and what is normal at each tau is averaged over all. Where standard errors vanish
    that is mean +- t sqrt(1 + 1/k) times the standard deviation, with k - 1 degrees of freedom. It leaves 0.8 alpha
    outside where true values are normal, since it leaves more where their tails are heavy (Student's t of 3 degrees).
    Where estimates agree better than their standard errors allow it may be narrower than the mean's interval, which
    covers too much there.
    """
    freedom = len(effects) - 1
    squares = float(((effects - effects.mean()) ** 2).sum())
    farthest = np.sqrt(squares / special.chdtri(freedom, 1 - FARTHEST))
    taus = farthest * np.linspace(0, 1, TAUS) ** 4
    means, variances, q = _at(taus, effects, errors)
    confidence = special.chdtrc(freedom, q)
    shares = np.diff((confidence[:-1] + confidence[1:]) / 2, prepend=0, append=1)
    deviations = np.sqrt(taus**2 + variances)
    outside = HEAVY_TAILS * alpha / 2
    return Interval(*(_quantile(share, means, deviations, shares) for share in (outside, 1 - outside)))


def _at(taus: Floats, effects: Floats, errors: Floats) -> tuple[Floats, Floats, Floats]:
    """The mean, its variance and Cochran's Q at each tau, (T,)."""
    weights = 1 / (taus[:, None] ** 2 + errors**2)
    totals = weights.sum(axis=1)
    means = weights @ effects / totals
    return means, 1 / totals, (weights * (effects - means[:, None]) ** 2).sum(axis=1)


def _quantile(share: float, means: Floats, deviations: Floats, shares: Floats) -> float:
    """Of a mixture of normal distributions."""
    ends = means + special.ndtri(share) * deviations
    low, high = float(ends.min()), float(ends.max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = shares @ special.ndtr((middle - means) / deviations)
        low, high = (middle, high) if below < share else (low, middle)
    return high


def _typical_variance(errors: Floats) -> float:
    """(k - 1) sum w / ((sum w)^2 - sum w^2), w = 1 / SE^2: what all errors are like."""
    weights = 1 / errors**2
    total = weights.sum()
    return float((len(errors) - 1) * total / (total**2 - (weights**2).sum()))
