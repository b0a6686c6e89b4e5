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
        "floor": False,
        "significant": False,
        **_described("", sum(pool(readable, metric, "utterance_id").values(), ErrorCounts.none())),
    }


def _costs(
    suite: Suite, converted: list[ArmSpec], readable: Mapping[str, pd.DataFrame]
) -> dict[tuple[str, int | None, str], dict[str, Any]]:
    """The columns of a row that need a control, by arm, training seed and metric."""
    unit = _unit_column(suite, next(iter(readable.values())))
    pairs = {
        (arm.name, arm.seed, metric): (pool(readable[arm.id], metric, unit), pool(readable[control.id], metric, unit))
        for arm in converted
        for control in [suite.control_of(arm)]
        if control is not None
        for metric in METRICS
    }
    all_sums = [paired_sums(*pair) for pair in pairs.values()]
    first = next(iter(readable.values()))
    rng = np.random.default_rng(_entropy(suite.seed, first["language"].iloc[0], first["condition"].iloc[0]))
    weights = resample_weights(all_sums[0].clusters, suite.statistics.resamples, rng)
    estimates = paired_bootstrap(all_sums, weights, ALPHA)
    return {
        key: _cost(suite, key[-1], control, sums, estimate, rng)
        for (key, (_, control)), sums, estimate in zip(pairs.items(), all_sums, estimates, strict=True)
    }


def _cost(
    suite: Suite,
    metric: str,
    control: CountsByUnit,
    sums: PairedSums,
    estimate: PairedEstimate,
    rng: np.random.Generator,
) -> dict[str, Any]:
    counts = sum(control.values(), ErrorCounts.none())
    return {
        **_described("control_", counts),
        "delta": 100 * estimate.delta,
        "standard_error": 100 * estimate.standard_error,
        "low": 100 * estimate.low,
        "high": 100 * estimate.high,
        "p": estimate.p,
        "percentile_low": 100 * estimate.percentile[0],
        "percentile_high": 100 * estimate.percentile[1],
        "p_signflip": sign_flip(sums, suite.statistics.resamples, rng),
        "p_clustered_t": clustered_t(sums),
        "floor": counts.rate is not None and counts.rate > getattr(suite.statistics.floor, metric),
    }


def paired_sums(arm: CountsByUnit, control: CountsByUnit) -> PairedSums:
    """Difference of errors, and reference length, of every unit in sorted order."""
    units = sorted(arm)
    return PairedSums(
        np.array([arm[unit].errors - control[unit].errors for unit in units], dtype=np.float64),
        np.array([arm[unit].length for unit in units], dtype=np.float64),
    )


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
