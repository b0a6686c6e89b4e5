"""One cell: every arm's paired counts to rates, deltas, intervals and p-values, from one matrix of resamples."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from bench.compare.counting import COUNTS, METRICS
from bench.errors import BenchError
from bench.scoring import ErrorCounts
from bench.stats import PairedEstimate, PairedSums, clustered_t, paired_bootstrap, resample_weights, sign_flip
from bench.suite import ArmSpec, Suite

ALPHA = 0.05
"""Two-sided level of every test; intervals are 95 %."""

METHOD = 1
"""Raised whenever the same decodes would give other numbers; part of every signature."""

CountsByUnit = Mapping[str, ErrorCounts]
"""What is resampled (speaker or utterance) to its pooled counts."""


def compare_cell(suite: Suite, counts: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Comparison rows of every arm and metric in one cell, given each arm's counts by arm id.

    Rates and deltas are in percentage points; an arm without a control has rates alone. Clips that were unreadable are
    left out of all arms and counted. Raises BenchError if none is left.
    """
    unreadable = {
        name for rows in counts.values() for name in rows.loc[rows["audio_status"] == "unreadable", "utterance_id"]
    }
    readable = {arm_id: rows[~rows["utterance_id"].isin(unreadable)] for arm_id, rows in counts.items()}
    any_rows = next(iter(counts.values()))
    if len(any_rows) == len(unreadable):
        cell = f"{any_rows['language'].iloc[0]}/{any_rows['condition'].iloc[0]}"
        raise BenchError(f"{cell}: none of {len(unreadable)} clips can be decoded; mend the audio or drop the language")
    rows = [_rates(suite, arm, metric, readable[arm.id], len(unreadable)) for arm in suite.arms for metric in METRICS]
    converted = [arm for arm in suite.arms if arm.control is not None]
    if not converted:
        return rows
    costs = _costs(suite, converted, readable)
    return [row | costs.get((row["arm"], row["seed"], row["metric"]), {}) for row in rows]


def _rates(suite: Suite, arm: ArmSpec, metric: str, readable: pd.DataFrame, unreadable: int) -> dict[str, Any]:
    """What a row says of the arm alone."""
    language = str(readable["language"].iloc[0])
    control = suite.control_of(arm)
    return {
        "arm": arm.name,
        "seed": arm.seed,
        "control": control.id if control else None,
        "family": arm.family,
        "language": language,
        "condition": str(readable["condition"].iloc[0]),
        "metric": metric,
        "primary": (language in suite.scoring.cer_primary) == (metric == "cer"),
        "clips": len(readable),
        "speakers": len(set(readable["speaker_id"]) - {""}),
        "unit": suite.statistics.unit,
        "unreadable": unreadable,
        "truncated": int((readable["audio_status"] == "truncated").sum()),
        "loops": int(readable["loop"].sum()),
        "empties": int(readable["empty"].sum()),
        "floor": False,
        "significant": False,
        **_described("", sum(pool(readable, metric, "utterance_id").values(), ErrorCounts.none())),
    }


def _costs(
    suite: Suite, converted: list[ArmSpec], readable: Mapping[str, pd.DataFrame]
) -> dict[tuple[str, int | None, str], dict[str, Any]]:
    """The columns of a row that need a control, by arm, training seed and metric."""
    first = next(iter(readable.values()))
    unit = _unit_column(suite, first)
    pairs = [
        (arm, readable[arm.id], readable[control.id], metric)
        for arm in converted
        for control in [suite.control_of(arm)]
        if control is not None
        for metric in METRICS
    ]
    raw = [paired_sums(pool(arm, metric, unit), pool(control, metric, unit)) for _, arm, control, metric in pairs]
    capped = [capped_sums(arm, control, metric, unit) for _, arm, control, metric in pairs]
    entropy = _entropy(suite.seed, first["language"].iloc[0], first["condition"].iloc[0])
    resamples = suite.statistics.resamples
    weights = resample_weights(raw[0].clusters, resamples, np.random.default_rng(entropy))
    estimates = paired_bootstrap([*raw, *capped], weights, ALPHA)
    return {
        (arm.name, arm.seed, metric): {
            **_control_columns(suite, control, metric),
            **_test_columns("", estimate),
            **_test_columns("capped_", of_capped),
            "percentile_low": 100 * estimate.percentile[0],
            "percentile_high": 100 * estimate.percentile[1],
            "p_signflip": sign_flip(sums, resamples, np.random.default_rng([entropy, 1])),
            "p_clustered_t": clustered_t(sums),
        }
        for (arm, _, control, metric), sums, estimate, of_capped in zip(
            pairs, raw, estimates[: len(raw)], estimates[len(raw) :], strict=True
        )
    }


def _test_columns(prefix: str, estimate: PairedEstimate) -> dict[str, float]:
    values = {name: getattr(estimate, name) for name in ("delta", "standard_error", "low", "high")}
    return {f"{prefix}{name}": 100 * value for name, value in values.items()} | {f"{prefix}p": estimate.p}


def _control_columns(suite: Suite, control: pd.DataFrame, metric: str) -> dict[str, Any]:
    counts = sum(pool(control, metric, "utterance_id").values(), ErrorCounts.none())
    return {
        **_described("control_", counts),
        "control_loops": int(control["loop"].sum()),
        "control_empties": int(control["empty"].sum()),
        "floor": counts.rate is not None and counts.rate > getattr(suite.statistics.floor, metric),
    }


def paired_sums(arm: CountsByUnit, control: CountsByUnit) -> PairedSums:
    """Difference of errors, and reference length, of every unit in sorted order."""
    units = sorted(arm)
    return PairedSums(
        np.array([arm[unit].errors - control[unit].errors for unit in units], dtype=np.float64),
        np.array([arm[unit].length for unit in units], dtype=np.float64),
    )


def capped_sums(arm: pd.DataFrame, control: pd.DataFrame, metric: str, unit: str) -> PairedSums:
    """As `paired_sums`, with the errors of each clip capped at its reference length, so that no loop can move much."""
    errors = [
        rows[[f"{metric}_{count}" for count in COUNTS[:3]]].sum(axis=1).clip(upper=rows[f"{metric}_length"])
        for rows in (arm, control)
    ]
    totals = [values.groupby(rows[unit]).sum() for values, rows in zip(errors, (arm, control), strict=True)]
    length = arm.groupby(unit)[f"{metric}_length"].sum()
    return PairedSums((totals[0] - totals[1]).to_numpy(dtype=np.float64), length.to_numpy(dtype=np.float64))


def pool(rows: pd.DataFrame, metric: str, unit: str) -> CountsByUnit:
    """The counts of a cell, added up within each value of the column `unit`."""
    pooled: dict[str, ErrorCounts] = {}
    columns = (rows[name].tolist() for name in (unit, *(f"{metric}_{count}" for count in COUNTS)))
    for name, *counts in zip(*columns, strict=True):
        pooled[name] = pooled.get(name, ErrorCounts.none()) + ErrorCounts(*counts)
    return pooled


def _unit_column(suite: Suite, rows: pd.DataFrame) -> str:
    if suite.statistics.unit == "utterance":
        return "utterance_id"
    if (rows["speaker_id"] == "").any():
        raise BenchError(
            f'statistics.unit = "speaker": clips of {rows["language"].iloc[0]} name no speaker; set unit = "utterance" '
            "(intervals then ignore that clips of one speaker are alike)"
        )
    return "speaker_id"


def _described(prefix: str, counts: ErrorCounts) -> dict[str, Any]:
    rate = float("nan") if counts.rate is None else counts.rate
    values = {count: getattr(counts, count) for count in (*COUNTS, "errors")} | {"rate": rate}
    return {f"{prefix}{name}": value for name, value in values.items()}


def _entropy(seed: int, language: str, condition: str) -> int:
    """The same resamples for every arm and metric of a cell, other ones for every cell."""
    return int.from_bytes(blake2b(f"{seed}\0{language}\0{condition}".encode(), digest_size=8).digest(), "big")
