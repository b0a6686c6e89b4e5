"""How many decibels of noise conversion is worth: the SNR at which an arm and its control reach one rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isinf, nan

import numpy as np

from bench.comparing.cells import Cell, Resamples
from bench.comparing.clips import Floats
from bench.comparing.interactions import in_common
from bench.comparing.protocol import Protocol
from bench.scoring import Metric
from bench.stats import ALPHA, Estimate, Shift, benjamini_hochberg, is_significant, threshold_shift, within
from bench.suite import ArmId

SAME_RATE = 2.0
"""Times the control's clean rate: the rate at which two curves are compared."""


@dataclass(frozen=True)
class Threshold:
    """Where on one ladder an arm and its control reach `rate` per cent, and how far apart, all in dB.

    A ratio is infinite where its curve does not cross the rate (minus infinity: it lies below it), NaN where it does so
    between rungs that are too far apart to say where; `shift` is then NaN, and `refused` says the latter in words.
    Positive: the converted arm bears that much less noise. `p_bh`: after Benjamini and Hochberg over the arm's ladders
    and languages; `shifted`: it remains.
    """

    arm: ArmId
    control: ArmId
    language: str
    ladder: str
    metric: Metric
    clips: int
    rate: float
    control_snr_db: float
    snr_db: float
    shift: Estimate
    p: float
    refused: str = ""
    p_bh: float = nan
    shifted: bool = False

    @property
    def crosses(self) -> bool:
        """Whether both curves reach the rate."""
        return not isinf(self.control_snr_db) and not isinf(self.snr_db)


def find_thresholds(
    protocol: Protocol, ladder: str, clean: Cell, rungs: Sequence[tuple[float, Cell]], resamples: Resamples
) -> list[Threshold]:
    """One of every converted arm, in the language's primary metric, at twice the control's clean rate.

    Both curves are made to fall with the SNR (isotonic regression). Corrections are still to come.
    """
    ascending = sorted(rungs, key=lambda rung: rung[0])
    snr_db = np.array([snr for snr, _ in ascending])
    clean, *cells = in_common([clean, *(cell for _, cell in ascending)])
    metric = protocol.primary(clean.language)
    length = clean.length(metric)
    thresholds = []
    for arm in protocol.converted:
        control = protocol.controls[arm.id].id
        curves = [_errors(cells, name, metric) for name in (control, arm.id)]
        of_clean = _errors([clean], control, metric)[:, 0]
        shift = threshold_shift(snr_db, curves[0], curves[1], of_clean, length, resamples.of(clean), SAME_RATE, ALPHA)
        thresholds.append(
            Threshold(
                arm=arm.id,
                control=control,
                language=clean.language,
                ladder=ladder,
                metric=metric,
                clips=len(clean.clips),
                rate=100 * shift.target,
                control_snr_db=shift.control,
                snr_db=shift.converted,
                shift=Estimate(shift.shift, shift.low, shift.high),
                p=shift.p,
                refused=_refusal(shift),
            )
        )
    return thresholds


def _refusal(shift: Shift) -> str:
    steps = ", ".join(f"{low:g} to {high:g} dB" for low, high in shift.coarse)
    return f"rungs too coarse: {steps}" if steps else ""


def judge_thresholds(thresholds: Sequence[Threshold]) -> list[Threshold]:
    """Corrects the shifts' p-values after Benjamini and Hochberg over each arm's ladders and languages."""
    arms = [threshold.arm for threshold in thresholds]
    adjusted = within(arms, [threshold.p for threshold in thresholds], benjamini_hochberg)
    return [
        replace(threshold, p_bh=p, shifted=is_significant(p)) for threshold, p in zip(thresholds, adjusted, strict=True)
    ]


def _errors(cells: Sequence[Cell], arm: ArmId, metric: Metric) -> Floats:
    """(G, cells): one arm's errors a speaker."""
    return np.stack([cell.by_unit(cell.arms[arm].by_metric[metric].errors) for cell in cells], axis=1)
