"""Error rates over signal-to-noise ratios: where a falling curve reaches a rate, and how far two curves lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.stats.sums import Floats
from bench.stats.verdicts import ALPHA

COARSEST = 5.0
"""The widest step between two rungs, in dB, over which a falling curve is taken for a line: curves bend, and over steps
of 10 dB a simulated shift of 1.5 dB came out as half as much."""

NAN = float("nan")
Rungs = tuple[float, float]
"""Two neighbours, the lower ratio first, in dB."""


@dataclass(frozen=True)
class Shift:
    """The ratios (dB) at which the control and the converted arm reach one rate, and their difference.

    Positive: the converted arm needs that much less noise. A ratio is infinite where the curve does not cross the rate:
    minus infinity where it lies below it, infinity where it lies above; the shift is then NaN. The interval is infinite
    where more than 5 % of the resamples do not cross. `p`: (1 + #{|shift* - shift| >= |shift|}) / (B + 1).

    `coarse`: rungs over 5 dB apart between which a curve crosses. That curve's ratio is then not known, NaN, nor is
    the shift, its interval or p. Where resamples cross does not matter to it.
    """

    target: float
    control: float
    converted: float
    shift: float
    low: float
    high: float
    p: float
    coarse: tuple[Rungs, ...] = ()


def falling(rates: Floats) -> Floats:
    """The nearest curves (least squares) that fall, or stay, with every step: (B, K), each row by itself."""
    from scipy.optimize import isotonic_regression  # half a second, which only noise ladders take

    fitted = rates.copy()
    for row in np.flatnonzero((np.diff(rates, axis=1) > 0).any(axis=1)):
        fitted[row] = isotonic_regression(rates[row], increasing=False).x
    return fitted


def crossing(snr_db: Floats, rates: Floats, target: Floats) -> Floats:
    """The ratio at which each falling curve reaches its target, linear between rungs: (B,).

    `snr_db` (K,) ascending, `rates` (B, K), `target` (B,). Minus infinity where the whole curve lies below the target,
    infinity where it does not come below.
    """
    curves = falling(rates)
    above = _rungs_above(curves, target)
    crossed = (above > 0) & (above < len(snr_db))
    left = np.where(crossed, above - 1, 0)
    rows = np.arange(len(curves))
    high, low = curves[rows, left], curves[rows, left + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (high - target) / (high - low)
    beyond = np.where(above == 0, -np.inf, np.inf)
    return np.where(crossed, snr_db[left] + share * (snr_db[left + 1] - snr_db[left]), beyond)


def bracket(snr_db: Floats, rates: Floats, target: float) -> Rungs | None:
    """The rungs between which one curve, (K,), reaches its target; None where it does not."""
    above = int(_rungs_above(falling(rates[None]), np.array([target]))[0])
    return (float(snr_db[above - 1]), float(snr_db[above])) if 0 < above < len(snr_db) else None


def _rungs_above(curves: Floats, target: Floats) -> npt.NDArray[np.intp]:
    """How many rungs of each falling curve do not lie below its target: (B,)."""
    return np.asarray((curves >= target[:, None]).sum(axis=1))


def threshold_shift(
    snr_db: Floats,
    control: Floats,
    converted: Floats,
    clean: Floats,
    length: Floats,
    weights: Floats,
    factor: float = 2.0,
    alpha: float = ALPHA,
) -> Shift:
    """How many dB the converted arm's curve lies to the right of the control's, where the rate is `factor` times the
    control's clean one.

    Errors a cluster and rung, `control` and `converted` (G, K); `clean`: the control's without noise, and reference
    `length`, both (G,). `weights` (B, G): resamples of clusters, which draw both curves and the rate anew. The
    half-width is the ceil((1 - alpha)(B + 1))-th smallest |shift* - shift|, a resample without a crossing infinite.
    None of it where a curve crosses between rungs that are over 5 dB apart.
    """
    drawn = np.vstack([np.ones(len(length)), weights])
    total = drawn @ length
    with np.errstate(divide="ignore", invalid="ignore"):
        target = factor * (drawn @ clean) / total
        rates = [drawn @ errors / total[:, None] for errors in (control, converted)]
    reached = [crossing(snr_db, of_arm, target) for of_arm in rates]
    ends = [float(of_arm[0]) for of_arm in reached]
    brackets = [bracket(snr_db, of_arm[0], target[0]) for of_arm in rates]
    if coarse := [rungs for rungs in brackets if rungs is not None and _is_coarse(rungs)]:
        ends = [NAN if rungs in coarse else end for rungs, end in zip(brackets, ends, strict=True)]
        return Shift(float(target[0]), ends[0], ends[1], NAN, NAN, NAN, NAN, tuple(sorted(set(coarse))))
    both = np.isfinite(reached[0]) & np.isfinite(reached[1])
    shifts = np.subtract(reached[1], reached[0], out=np.full(len(both), np.nan), where=both)
    distances = np.sort(np.nan_to_num(np.abs(shifts[1:] - shifts[0]), nan=np.inf))
    rank = int(np.ceil((1 - alpha) * (len(distances) + 1)))
    half = float(distances[rank - 1]) if rank <= len(distances) else float("inf")
    shift = float(shifts[0])
    p = (1 + int((distances >= abs(shift)).sum())) / (len(distances) + 1) if both[0] else NAN
    return Shift(float(target[0]), ends[0], ends[1], shift, shift - half, shift + half, p)


def _is_coarse(rungs: Rungs) -> bool:
    return rungs[1] - rungs[0] > COARSEST
