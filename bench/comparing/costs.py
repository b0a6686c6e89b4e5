"""One cell compared: every arm's rates and, against its control, deltas, intervals and p-values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.comparing.bounds import BoundDraws
from bench.comparing.cells import Cell
from bench.comparing.changes import describe_changes
from bench.comparing.clips import Floats
from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.contrasts import SENSITIVITY, Contrast, Key, draw_contrasts
from bench.comparing.parts import Likelihood, Sensitivity, Tests
from bench.comparing.protocol import Protocol
from bench.scoring import METRICS, Metric
from bench.stats import (
    ALPHA,
    Bootstrap,
    Estimate,
    Interval,
    PairedSums,
    bootstrap_deltas,
    clustered_t,
    mapsswe,
    minimum_detectable_effect,
    segment_differences,
)
from bench.suite import ArmId


def compare_cell(protocol: Protocol, cell: Cell, weights: Floats) -> tuple[list[Measurement], dict[Key, Contrast]]:
    """A measurement of every arm and metric, a comparison where the arm has a control; and every contrast.

    Verdicts are still to come: they need the whole family.
    """
    contrasts = draw_contrasts(protocol, cell, weights)
    measured = _measure(protocol, cell, weights)
    draws = BoundDraws.of(protocol, cell) if contrasts else None
    compared = [
        measurement if draws is None or key not in contrasts else _compare(cell, measurement, contrasts[key], draws)
        for key, measurement in measured.items()
    ]
    return compared, contrasts


def _measure(protocol: Protocol, cell: Cell, weights: Floats) -> dict[Key, Measurement]:
    """Every arm alone, and how surely its rate is known."""
    sample = cell.sample
    keys = [(arm, metric) for arm in protocol.arms for metric in METRICS]
    errors = [cell.arms[arm.id].by_metric[metric] for arm, metric in keys]
    none = np.zeros(len(cell.clips))
    sums = [PairedSums.of_totals(cell.totals(none, clips.errors, clips.length)) for clips in errors]
    measured: dict[Key, Measurement] = {}
    for (arm, metric), rate in zip(keys, bootstrap_deltas(sums, weights), strict=True):
        result = cell.arms[arm.id].result(metric)
        uncertain = in_points(rate)
        measured[arm.id, metric] = Measurement(
            arm=arm.id,
            family=arm.family,
            language=cell.language,
            condition=cell.condition,
            metric=metric,
            primary=protocol.primary(cell.language) == metric,
            sample=sample,
            result=result,
            rate=Estimate(result.rate, uncertain.low, uncertain.high, uncertain.standard_error),
        )
    return measured


def _compare(cell: Cell, measured: Measurement, contrast: Contrast, draws: BoundDraws) -> Comparison:
    """A measurement with what holding it against the control says. The floor is read off the control only."""
    protocol = draws.protocol
    control, metric, delta = protocol.controls[measured.arm].id, measured.metric, contrast.errors
    control_result = cell.arms[control].result(metric)
    ours, theirs = cell.arms[measured.arm], cell.arms[control]
    segments = mapsswe(segment_differences(theirs.segment_edits[metric], ours.segment_edits[metric]))
    sums, bounds = contrast.sums["errors"], draws.bound(contrast.sums["capped"])
    return Comparison(
        **vars(measured),
        control=control,
        control_result=control_result,
        floor=protocol.is_floor(control_result.rate, metric),
        delta=in_points(delta),
        bounds=bounds,
        runaways=draws.runaways(cell, measured.arm, metric, bounds.units),
        capped=in_points(contrast.deltas["capped"]),
        capped_p=contrast.deltas["capped"].p,
        substitutions=in_points(contrast.deltas["substitutions"]),
        deletions=in_points(contrast.deltas["deletions"]),
        insertions=in_points(contrast.deltas["insertions"]),
        percentile=Interval(*(100 * end for end in delta.percentile())),
        without_one=Interval(*(100 * end for end in sums.without_one)),
        relative=_relative(sums, contrast.ratio),
        tests=Tests(
            delta.p, delta.p_error, len(delta.t), delta.percentile_p, contrast.p_signflip, clustered_t(sums), segments
        ),
        mde=_detectable(delta, ALPHA / protocol.languages),
        mde_alone=_detectable(delta, ALPHA),
        changes=describe_changes(ours, theirs, metric),
        sensitivity=_sensitivity(cell, measured.arm, control, metric, contrast),
        likelihood=_likelihood(cell, measured.arm, control),
    )


def with_delta(comparison: Comparison, delta: Bootstrap, languages: int) -> Comparison:
    """The comparison as other resamples of its delta make it."""
    return replace(
        comparison,
        delta=in_points(delta),
        percentile=Interval(*(100 * end for end in delta.percentile())),
        tests=replace(
            comparison.tests,
            p=delta.p,
            p_error=delta.p_error,
            resamples=len(delta.t),
            p_percentile=delta.percentile_p,
        ),
        mde=_detectable(delta, ALPHA / languages),
        mde_alone=_detectable(delta, ALPHA),
    )


def in_points(delta: Bootstrap) -> Estimate:
    """A delta in percentage points, with its 95 % interval."""
    return delta.estimated(ALPHA).times(100)


def _relative(sums: PairedSums, log_ratio: Bootstrap) -> Estimate:
    """Per cent of the control's errors, with the interval of the log ratio; NaN where there is nothing to divide by."""
    control, converted = sums.control.sum(), sums.converted.sum()
    known = control > 0 and sums.length.any()
    with np.errstate(over="ignore"):
        low, high = (100 * float(np.expm1(bound)) if known else np.nan for bound in log_ratio.interval(ALPHA))
    return Estimate(100 * float(converted / control - 1) if known else np.nan, low, high)


def _detectable(delta: Bootstrap, alpha: float) -> float:
    """The delta that a test at that level would find with 80 % chance, in points."""
    return 100 * minimum_detectable_effect(delta.standard_error, delta.critical(alpha))


def _sensitivity(cell: Cell, arm: ArmId, control: ArmId, metric: Metric, contrast: Contrast) -> Sensitivity | None:
    if cell.sensitivity is None:
        return None
    results = [cell.sensitivity[name].result(metric) for name in (arm, control)]
    delta = contrast.deltas[SENSITIVITY]
    growth = cell.word_growth(cell.sensitivity)
    return Sensitivity(results[0].rate, results[1].rate, growth, in_points(delta), delta.p)


def _likelihood(cell: Cell, arm: ArmId, control: ArmId) -> Likelihood | None:
    """None where a clip of either arm has none."""
    ours, theirs = cell.arms[arm], cell.arms[control]
    if not (ours.has_likelihoods and theirs.has_likelihoods):
        return None
    sums = PairedSums.of_totals(cell.totals(theirs.nll, ours.nll, ours.nll_tokens))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.float64(sums.delta) / sums.standard_error
    return Likelihood(sums.delta, float(z) if sums.difference.any() else 0.0)
