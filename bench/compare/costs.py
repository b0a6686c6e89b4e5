"""A cell's comparison rows: every arm's rates and, against its control, deltas, intervals and p-values."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.compare.cells import Cell
from bench.compare.changes import describe_changes
from bench.compare.protocol import ALPHA, METRICS, Protocol
from bench.compare.rates import describe_arm, describe_control, per_cent, word_growth
from bench.stats import (
    MARGIN_ALPHA,
    Bootstrap,
    PairedSums,
    bootstrap_deltas,
    bootstrap_log_ratios,
    clustered_t,
    mapsswe,
    minimum_detectable_effect,
    segment_differences,
    sign_flip,
)
from bench.suite import ArmSpec

Floats = npt.NDArray[np.float64]
MEASURES = ("errors", "capped", "substitutions", "deletions", "insertions")
Key = tuple[str, str]
"""Arm id and metric."""
Deltas = Mapping[tuple[str, str, str], Bootstrap]
"""(arm id, metric, measure) to what the resamples made of its delta."""


def compare_cell(protocol: Protocol, cell: Cell, weights: Floats) -> tuple[list[dict[str, Any]], dict[Key, Bootstrap]]:
    """Comparison rows of every arm and metric, and the bootstrap of every delta by arm id and metric.

    Rates and deltas are in percentage points; an arm without a control has rates alone.
    """
    sums = _sums(protocol, cell)
    deltas = dict(zip(sums, bootstrap_deltas(list(sums.values()), weights), strict=True)) if sums else {}
    beside = _beside(protocol, cell, sums, weights)
    rates = _rates(protocol, cell, weights)
    rows = []
    for arm in protocol.arms:
        for metric in METRICS:
            row = describe_arm(protocol, cell, arm, metric) | rates[arm.id, metric]
            if arm.id in protocol.controls:
                row |= describe_control(protocol, cell, protocol.controls[arm.id], metric)
                row |= _tests(protocol, cell, arm, metric, deltas) | beside[arm.id, metric]
            rows.append(row)
    return rows, {(arm, metric): delta for (arm, metric, measure), delta in deltas.items() if measure == "errors"}


def _sums(protocol: Protocol, cell: Cell) -> dict[tuple[str, str, str], PairedSums]:
    """Everything whose delta is bootstrapped, by arm id, metric and measure."""
    sums = {}
    for arm in protocol.converted:
        control = protocol.controls[arm.id].id
        for metric in METRICS:
            length = f"{metric}_length"
            for measure in MEASURES:
                sums[arm.id, metric, measure] = cell.sums(arm.id, control, f"{metric}_{measure}", length)
            if cell.sensitivity is not None:
                second = cell.sums(arm.id, control, f"{metric}_errors", length, cell.sensitivity)
                sums[arm.id, metric, "sensitivity"] = second
    return sums


def _rates(protocol: Protocol, cell: Cell, weights: Floats) -> dict[Key, dict[str, float]]:
    """How surely each arm's own rate is known."""
    keys = [(arm.id, metric) for arm in protocol.arms for metric in METRICS]
    sums = [
        PairedSums.of_differences(*(cell.by_unit(cell.arms[arm][f"{metric}_{name}"]) for name in ("errors", "length")))
        for arm, metric in keys
    ]
    found = {}
    for key, rate in zip(keys, bootstrap_deltas(sums, weights), strict=True):
        low, high = rate.interval(ALPHA)
        found[key] = {
            "rate_standard_error": 100 * rate.standard_error,
            "rate_low": 100 * low,
            "rate_high": 100 * high,
        }
    return found


def _beside(
    protocol: Protocol, cell: Cell, sums: Mapping[tuple[str, str, str], PairedSums], weights: Floats
) -> dict[Key, dict[str, float]]:
    """The relative delta, the sign-flip and the clustered t of every arm and metric."""
    errors = {(arm, metric): of for (arm, metric, measure), of in sums.items() if measure == "errors"}
    if not errors:
        return {}
    all_sums = list(errors.values())
    ratios = bootstrap_log_ratios(all_sums, weights)
    flips = sign_flip(all_sums, protocol.resamples, cell.rng(protocol, 1))
    return {
        key: {**_relative(of_arm, ratio), "p_signflip": p, "p_clustered_t": clustered_t(of_arm)}
        for key, of_arm, ratio, p in zip(errors, all_sums, ratios, flips, strict=True)
    }


def _tests(protocol: Protocol, cell: Cell, arm: ArmSpec, metric: str, deltas: Deltas) -> dict[str, Any]:
    """The columns of a row that need a control."""
    control = protocol.controls[arm.id].id
    delta = deltas[arm.id, metric, "errors"]
    ours, theirs = cell.arms[arm.id], cell.arms[control]
    segments = mapsswe(segment_differences(*(list(rows[f"{metric}_edits"]) for rows in (theirs, ours))))
    low90, high90 = delta.interval(MARGIN_ALPHA)
    return {
        **_interval("", delta),
        "low90": 100 * low90,
        "high90": 100 * high90,
        "p": delta.p,
        **_interval("capped_", deltas[arm.id, metric, "capped"]),
        "capped_p": deltas[arm.id, metric, "capped"].p,
        **_interval("substitutions_", deltas[arm.id, metric, "substitutions"]),
        **_interval("deletions_", deltas[arm.id, metric, "deletions"]),
        **_interval("insertions_", deltas[arm.id, metric, "insertions"]),
        "percentile_low": 100 * delta.percentile()[0],
        "percentile_high": 100 * delta.percentile()[1],
        "p_percentile": delta.percentile_p,
        **{f"mapsswe_{name}": value for name, value in asdict(segments).items()},
        **_detectable(delta, protocol.languages),
        **describe_changes(ours, theirs, metric),
        **_sensitivity(cell, arm.id, control, metric, deltas),
        **_companion(cell, arm.id, control),
    }


def _interval(prefix: str, delta: Bootstrap) -> dict[str, float]:
    low, high = delta.interval(ALPHA)
    values = {"delta": delta.estimate, "standard_error": delta.standard_error, "low": low, "high": high}
    return {f"{prefix}{name}": 100 * value for name, value in values.items()}


def _relative(sums: PairedSums, log_ratio: Bootstrap) -> dict[str, float]:
    """Per cent of the control's errors, with the interval of the log ratio; NaN where there is nothing to divide by."""
    control, converted = sums.control.sum(), sums.converted.sum()
    known = control > 0 and sums.length.any()
    with np.errstate(over="ignore"):
        low, high = (100 * float(np.expm1(bound)) if known else np.nan for bound in log_ratio.interval(ALPHA))
    delta = 100 * float(converted / control - 1) if known else np.nan
    return {"relative_delta": delta, "relative_low": low, "relative_high": high}


def _detectable(delta: Bootstrap, languages: int) -> dict[str, float]:
    """What Holm's first step over the family would find, and what a test of this language alone would."""
    levels = {"mde": ALPHA / languages, "mde_alone": ALPHA}
    return {
        name: 100 * minimum_detectable_effect(delta.standard_error, delta.critical(alpha))
        for name, alpha in levels.items()
    }


def _sensitivity(cell: Cell, arm_id: str, control: str, metric: str, deltas: Deltas) -> dict[str, float]:
    """The same comparison under the second normaliser."""
    if cell.sensitivity is None:
        return {}
    columns = {"sensitivity_rate": arm_id, "sensitivity_control_rate": control}
    rates = {
        name: per_cent(*(int(cell.sensitivity[arm][f"{metric}_{column}"].sum()) for column in ("errors", "length")))
        for name, arm in columns.items()
    }
    rates["sensitivity_word_growth"] = word_growth(next(iter(cell.sensitivity.values())))
    delta = deltas[arm_id, metric, "sensitivity"]
    return rates | _interval("sensitivity_", delta) | {"sensitivity_p": delta.p}


def _companion(cell: Cell, arm_id: str, control: str) -> dict[str, float]:
    """Negative log-likelihood of the references a token, where recorded: its difference in nats, and z over units."""
    if cell.arms[arm_id]["nll"].isna().any() or cell.arms[control]["nll"].isna().any():
        return {}
    sums = cell.sums(arm_id, control, "nll", "nll_tokens")
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.float64(sums.delta) / sums.standard_error
    return {"nll_delta": sums.delta, "nll_z": float(z) if sums.difference.any() else 0.0}
