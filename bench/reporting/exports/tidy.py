"""A suite's results as a tidy CSV: one number a row, with all that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import Comparison, Measurement
from bench.stats import Estimate
from bench.visible import no_formula

DIGITS = 4
Row = Mapping[str, str | float | int | bool | None]


def tidy_csv(records: SuiteRecords) -> str:
    """Rates of every arm in every cell, and costs with what they are made of: value, interval, standard error.

    Rates in per cent, costs in percentage points, relative costs in per cent of the control's errors; intervals 95 %.
    """
    rows: Sequence[Row] = [
        _row(records, measurement, quantity, estimate)
        for measurement in records.results.measurements
        for quantity, estimate in _quantities(measurement)
    ]
    frame: pd.DataFrame = pd.DataFrame(rows).round(DIGITS)
    return frame.to_csv(index=False)


def _quantities(row: Measurement) -> Iterator[tuple[str, Estimate]]:
    yield "rate", row.rate
    if isinstance(row, Comparison):
        yield "cost", row.delta
        yield "capped cost", row.capped
        yield "relative cost", row.relative
        yield "substitutions", row.substitutions
        yield "deletions", row.deletions
        yield "insertions", row.insertions


def _row(records: SuiteRecords, row: Measurement, quantity: str, estimate: Estimate) -> Row:
    judged = row if isinstance(row, Comparison) and quantity == "cost" else None
    return {
        "suite": records.suite.name,
        "arm": no_formula(str(row.arm)),
        "control": no_formula(str(row.control)) if isinstance(row, Comparison) else None,
        "language": row.language,
        "condition": row.condition,
        "metric": row.metric,
        "primary": row.primary,
        "quantity": quantity,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "standard_error": estimate.standard_error,
        "p": judged.tests.p if judged else None,
        "p_holm": judged.verdict.p_adjusted if judged else None,
        "significant": judged.verdict.significant if judged else None,
        "clips": row.sample.clips,
        "speakers": row.sample.speakers,
        "signature": records.results.signature,
    }
