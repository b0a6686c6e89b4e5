"""One cell's comparison: paired counts to rates, delta, interval and p-value."""

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


def compare_cell(suite: Suite, converted: pd.DataFrame, control: pd.DataFrame | None, metric: str) -> dict[str, Any]:
    """A comparison row of one metric; without a control only the arm's own rate. Rates and deltas in percentage points.

    Clips that were unreadable are left out of both arms and counted.
    """
    unreadable = set(converted.loc[converted["audio_status"] == "unreadable", "utterance_id"])
    arm = converted[~converted["utterance_id"].isin(unreadable)].sort_values("utterance_id")
    language, condition = str(converted["language"].iloc[0]), str(converted["condition"].iloc[0])
    units, unit = _units(suite, arm, language)
    row: dict[str, Any] = {
        "language": language,
        "condition": condition,
        "metric": metric,
        "primary": (language in suite.scoring.cer_primary) == (metric == "cer"),
        "clips": len(arm),
        "speakers": int(arm["speaker_id"].replace("", np.nan).nunique()),
        "unit": unit,
        "unreadable": len(unreadable),
        "floor": False,
        "significant": False,
        **_described("", pool(arm, metric)),
    }
    if control is None:
        return row
    other = control[~control["utterance_id"].isin(unreadable)].sort_values("utterance_id")
    sums = paired_sums(arm, other, units, metric)
    rng = np.random.default_rng(_entropy(suite.seed, language, condition))
    estimate = paired_bootstrap(sums, suite.statistics.resamples, rng, ALPHA)
    control_counts = pool(other, metric)
    floor = control_counts.rate is not None and control_counts.rate > getattr(suite.statistics.floor, metric)
    return {
        **row,
        **_described("control_", control_counts),
        "delta": 100 * estimate.delta,
        "standard_error": 100 * estimate.standard_error,
        "low": 100 * estimate.low,
        "high": 100 * estimate.high,
        "p": estimate.p,
        "floor": floor,
    }


def pool(rows: pd.DataFrame, metric: str) -> ErrorCounts:
    """The sum of a cell's counts."""
    return ErrorCounts(*(int(rows[f"{metric}_{count}"].sum()) for count in COUNTS))


def paired_sums(converted: pd.DataFrame, control: pd.DataFrame, units: pd.Series, metric: str) -> PairedSums:
    """Per resampling unit: difference of errors, and reference length. Rows of both sides are in the same order."""
    errors = [sum(rows[f"{metric}_{count}"].to_numpy() for count in COUNTS[:3]) for rows in (converted, control)]
    table = pd.DataFrame(
        {
            "unit": units.to_numpy(),
            "difference": errors[0] - errors[1],
            "length": converted[f"{metric}_length"].to_numpy(),
        }
    )
    sums = table.groupby("unit", sort=True)[["difference", "length"]].sum()
    return PairedSums(sums["difference"].to_numpy(dtype=float), sums["length"].to_numpy(dtype=float))


def _units(suite: Suite, rows: pd.DataFrame, language: str) -> tuple[pd.Series, str]:
    """What is resampled: speakers where every clip has one, else utterances."""
    if suite.statistics.unit == "utterance":
        return rows["utterance_id"], "utterance"
    if (rows["speaker_id"] == "").any():
        raise BenchError(
            f'statistics.unit = "speaker": clips of {language} name no speaker; set unit = "utterance" '
            "(intervals then ignore that clips of one speaker are alike)"
        )
    return rows["speaker_id"], "speaker"


def _described(prefix: str, counts: ErrorCounts) -> dict[str, Any]:
    values = {count: getattr(counts, count) for count in (*COUNTS, "errors", "rate")}
    return {f"{prefix}{name}": value for name, value in values.items()}


def _entropy(seed: int, language: str, condition: str) -> int:
    """The same resamples for every arm and metric of a cell, other ones for every cell."""
    return int.from_bytes(blake2b(f"{seed}\0{language}\0{condition}".encode(), digest_size=8).digest(), "big")
