"""A suite's results in a tracker of experiments: trackio or Weights & Biases, a run an arm."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import Comparison
from bench.errors import BenchError
from bench.stats.estimate import Estimate
from bench.suite import CLEAN, ArmSpec


def log_results(records: SuiteRecords, tracker: str, project: str) -> list[str]:
    """Logs every arm's rates and costs as a run of a project, as the tracker is set up; returns the runs' names.

    Raises BenchError where the tracker is not installed.
    """
    try:
        library: Any = import_module(tracker)
    except ImportError:
        raise BenchError(f"{tracker} is not installed: pip install whisper-mla-bench[{tracker}]") from None
    for arm in records.suite.arms:
        run = library.init(project=project, name=str(arm.id), config=run_config(records, arm))
        run.log(run_numbers(records, arm))
        run.finish()
    return [str(arm.id) for arm in records.suite.arms]


def run_config(records: SuiteRecords, arm: ArmSpec) -> dict[str, str | int | None]:
    """What an arm is, and what pins its numbers."""
    recorded = records.manifest.arms[arm.id]
    return {
        "suite": records.suite.name,
        "corpus": records.manifest.corpus.name,
        "arm": str(arm.id),
        "control": arm.control,
        "fingerprint": recorded.fingerprint,
        "parameters": recorded.parameters,
        "dtype": recorded.settings.dtype or recorded.settings.compute_type,
        "signature": records.results.signature,
    }


def run_numbers(records: SuiteRecords, arm: ArmSpec) -> dict[str, float]:
    """`cost/cy` (clean) or `cost/cy/white@10`: points; with `_low` and `_high` behind it, the ends of its interval.

    The like of `wer` and `cer`, in per cent. What is not known is left out.
    """
    rows = records.results.of(arm).cells if arm.control is not None else records.results.rates_of(arm)
    numbers: dict[str, float] = {}
    for row in rows:
        cell = row.language if row.condition == CLEAN else f"{row.language}/{row.condition}"
        named: dict[str, Estimate] = {row.metric: row.rate}
        if isinstance(row, Comparison) and row.primary:
            named |= {"cost": row.delta}
        for name, estimate in named.items():
            ends = {"": estimate.value, "_low": estimate.low, "_high": estimate.high}
            numbers |= {f"{name}{end}/{cell}": value for end, value in ends.items() if math.isfinite(value)}
    return numbers
