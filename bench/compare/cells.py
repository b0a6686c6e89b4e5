"""One cell's comparison: paired counts to rates, delta, interval and p-value."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from bench.compare.counting import COUNTS
from bench.errors import BenchError
from bench.scoring import ErrorCounts
from bench.stats import PairedSums, paired_bootstrap
from bench.suite import Suite

ALPHA = 0.05
"""Two-sided level of every test; intervals are 95 %."""

CountsByUnit = Mapping[str, ErrorCounts]
"""What is resampled (speaker or utterance) to its pooled counts."""


def compare_cell(suite: Suite, arm: pd.DataFrame, control: pd.DataFrame | None, metric: str) -> dict[str, Any]:
    """A comparison row of one metric; without a control only the arm's own rate. Rates and deltas in percentage points.

    Clips that were unreadable are left out of both arms and counted. Raises BenchError if none is left.
    """
    unreadable = arm.loc[arm["audio_status"] == "unreadable", "utterance_id"]
    readable = arm[~arm["utterance_id"].isin(unreadable)]
    language, condition = str(arm["language"].iloc[0]), str(arm["condition"].iloc[0])
    if readable.empty:
        raise BenchError(f"{language}/{condition}: none of {len(arm)} clips can be decoded; mend the audio or drop it")
    pooled = _pool(readable, metric, _unit_column(suite, readable, control is not None))
    counts = sum(pooled.values(), ErrorCounts.none())
    row: dict[str, Any] = {
        "language": language,
        "condition": condition,
        "metric": metric,
        "primary": (language in suite.scoring.cer_primary) == (metric == "cer"),
        "clips": len(readable),
        "speakers": len(set(readable["speaker_id"]) - {""}),
        "unit": suite.statistics.unit,
        "unreadable": len(unreadable),
        "truncated": int((readable["audio_status"] == "truncated").sum()),
        "floor": False,
        "significant": False,
        **_described("", counts),
    }
    if control is None:
        return row
    other = control[~control["utterance_id"].isin(unreadable)]
    reference = _pool(other, metric, _unit_column(suite, other, True))
    return row | _cost(suite, pooled, reference, metric, _entropy(suite.seed, language, condition))


def _cost(suite: Suite, arm: CountsByUnit, control: CountsByUnit, metric: str, entropy: int) -> dict[str, Any]:
    """The columns of a row that need a control."""
    rng = np.random.default_rng(entropy)
    estimate = paired_bootstrap(paired_sums(arm, control), suite.statistics.resamples, rng, ALPHA)
    counts = sum(control.values(), ErrorCounts.none())
    return {
        **_described("control_", counts),
        "delta": 100 * estimate.delta,
        "standard_error": 100 * estimate.standard_error,
        "low": 100 * estimate.low,
        "high": 100 * estimate.high,
        "p": estimate.p,
        "floor": counts.rate is not None and counts.rate > getattr(suite.statistics.floor, metric),
    }


def paired_sums(arm: CountsByUnit, control: CountsByUnit) -> PairedSums:
    """Difference of errors, and reference length, of every unit in sorted order."""
    units = sorted(arm)
    return PairedSums(
        np.array([arm[unit].errors - control[unit].errors for unit in units], dtype=np.float64),
        np.array([arm[unit].length for unit in units], dtype=np.float64),
    )


def _pool(rows: pd.DataFrame, metric: str, unit: str) -> CountsByUnit:
    pooled: dict[str, ErrorCounts] = {}
    columns = (rows[name].tolist() for name in (unit, *(f"{metric}_{count}" for count in COUNTS)))
    for name, *counts in zip(*columns, strict=True):
        pooled[name] = pooled.get(name, ErrorCounts.none()) + ErrorCounts(*counts)
    return pooled


def _unit_column(suite: Suite, rows: pd.DataFrame, compared: bool) -> str:
    """What is resampled. Nothing is where there is no control, so speakers may then be missing."""
    if suite.statistics.unit == "utterance" or not compared:
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
