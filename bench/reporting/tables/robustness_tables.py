"""Tables of one arm's robustness: mean costs under every condition, and the noise at which both arms err alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.analysis.robustness import MeanCost, mean_costs, significant_interactions, totals_of
from bench.comparing import ArmResults, Threshold
from bench.reporting.text.cells import metric_note
from bench.reporting.text.format import estimated, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.stats import Estimate
from bench.suite import CLEAN, ConditionSpec, Suite


def overall_table(suite: Suite, arm: ArmResults) -> str:
    """Mean costs under every condition, and what happened to clips and cells there."""
    header = ["condition", "metric", "mean cost, 95 % interval", "more than clean", "hurts more", "floor"]
    header += ["loops", "empties", "truncated", "left out"]
    rows = [
        [
            mean.condition,
            f"{mean.metric.upper()} ({len(mean.languages)})",
            _or_floor(mean.cost),
            "" if mean.condition == CLEAN else _or_floor(mean.excess),
            *_counts(arm, mean),
        ]
        for mean in mean_costs(arm, [condition.name for condition in suite.conditions])
    ]
    return markdown_table(header, rows)


def _or_floor(estimate: Estimate) -> str:
    return "floor" if math.isnan(estimate.value) else estimated(estimate)


def _counts(arm: ArmResults, mean: MeanCost) -> list[str]:
    """Hurts more, floors, loops, empties, clips cut at the window and clips left out, over all languages of the row."""
    totals = totals_of(arm, mean.condition, mean.metric)
    hurting = significant_interactions(arm, [mean.condition], mean.metric)
    return [
        "" if mean.condition == CLEAN else f"{len(hurting.cells)} of {hurting.usable}",
        str(totals.floors),
        f"{totals.converted.loops} ({totals.control.loops})",
        f"{totals.converted.empties} ({totals.control.empties})",
        f"{totals.truncated} of {totals.clips}",
        f"{totals.unreadable} of {totals.clips}",
    ]


def threshold_table(spec: ConditionSpec, thresholds: Sequence[Threshold]) -> str:
    first, rungs = thresholds[0], spec.rungs or ()
    header = ["Lang", "rate", f"{first.control} at", f"{first.arm} at", "shift, 95 % interval"]
    ends = f"under {min(rungs):g} dB", f"over {max(rungs):g} dB"
    rows = [
        [
            threshold.language + metric_note(threshold.metric),
            rate(threshold.rate),
            _decibels(threshold.control_snr_db, ends),
            _decibels(threshold.snr_db, ends),
            _shift_cell(threshold) if threshold.crosses else "",
        ]
        for threshold in thresholds
    ]
    return markdown_table(header, rows)


def _decibels(value: float, ends: tuple[str, str]) -> str:
    if math.isnan(value):
        return "between rungs"
    return f"{value:.1f} dB" if math.isfinite(value) else ends[int(value > 0)]


def _shift_cell(threshold: Threshold) -> str:
    return threshold.refused or shown_shift(threshold) + (" ✱" if threshold.shifted else "")


def shown_shift(threshold: Threshold) -> str:
    shift = threshold.shift
    bounds = f"[{signed(shift.low, 1)}, {signed(shift.high, 1)}]" if shift.is_determined else "[not determined]"
    return f"{signed(shift.value, 1)} dB {bounds}"
