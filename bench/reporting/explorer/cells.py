"""The page's tables of arms and of cells, formatted as everywhere; each number with a value to sort by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import outcomes_of
from bench.compare import rows_of
from bench.frames import records
from bench.reporting.text.cells import primary_of
from bench.reporting.text.format import interval, mark, rate, signed, verdict
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.suite import CLEAN, ArmSpec

Cell = str | list[str | float | None]
"""A text, or a text and what it is sorted by."""
Table = dict[str, list[str] | list[list[Cell]]]


def verdict_lines(found: SuiteRecords) -> Iterator[str]:
    """What is said of each converted arm on clean speech, in a sentence or two."""
    for arm in _converted(found):
        outcomes = outcomes_of(found.tables, arm)
        sentence = verdict_sentence(arm, outcomes, found.suite.statistics.margin)
        yield f"{sentence} {undecided_sentence(outcomes)}".strip()


def arms_table(found: SuiteRecords) -> Table:
    """A row a converted arm: its means over the languages of either metric, and how many languages are what."""
    names = ["arm", "control", "mean cost, WER", "mean cost, CER", "worse", "better", "undecided", "floor"]
    return {"columns": names, "rows": [_arm_row(found, arm) for arm in _converted(found)]}


def cells_table(found: SuiteRecords) -> Table:
    """A row a converted arm, language and condition, by the language's own metric."""
    names = ["arm", "language", "condition", "metric", "control", "converted", "cost", "95 % interval", "mark"]
    names += ["verdict", "† by", "relative", "clips", "speakers", "loops", "control's loops"]
    margin = found.suite.statistics.margin
    rows = [
        _cell_row(arm, row, margin)
        for arm in _converted(found)
        for row in primary_of(rows_of(found.tables.comparisons, arm))
    ]
    return {"columns": names, "rows": rows}


def _converted(found: SuiteRecords) -> list[ArmSpec]:
    return [arm for arm in found.suite.arms if arm.control is not None]


def _arm_row(found: SuiteRecords, arm: ArmSpec) -> list[Cell]:
    outcomes, control = outcomes_of(found.tables, arm), found.suite.control_of(arm)
    groups = (outcomes.worse, outcomes.better, outcomes.undecided, outcomes.floor)
    counts: list[Cell] = [[f"{len(group)} ({' '.join(group)})" if group else "0", len(group)] for group in groups]
    return [arm.id, control.id if control else "", *(_mean(found, arm, metric) for metric in ("wer", "cer")), *counts]


def _mean(found: SuiteRecords, arm: ArmSpec, metric: str) -> Cell:
    """Floor rows among them, as in the table of all arms; and without them, where there are any."""
    table = found.tables.summaries
    chosen = table[(table["arm"] == arm.id) & (table["metric"] == metric) & (table["condition"] == CLEAN)]
    rows = records(chosen[chosen["statistic"] == "mean"].sort_values("floors", ascending=False))
    if not rows:
        return ""
    texts = [f"{signed(row['value'])} {interval(row['low'], row['high'])}" for row in rows]
    return _number("; without floor rows ".join(texts), rows[0]["value"])


def _cell_row(arm: ArmSpec, row: dict[str, Any], margin: float | None) -> list[Cell]:
    width = row["high"] - row["low"]
    return [
        arm.id,
        row["language"],
        row["condition"],
        row["metric"].upper(),
        _number(rate(row["control_rate"]), row["control_rate"]),
        _number(rate(row["rate"]), row["rate"]),
        _number(signed(row["delta"]), row["delta"]),
        _number(interval(row["low"], row["high"]), width),
        _number(mark(row), row["p_adjusted"]),
        verdict(row, margin),
        row["disagree"] or "",
        _number(
            "n/a" if math.isnan(row["relative_delta"]) else f"{signed(row['relative_delta'], 0)} %",
            row["relative_delta"],
        ),
        *(_number(f"{row[name]:.0f}", row[name]) for name in ("clips", "speakers", "loops", "control_loops")),
    ]


def _number(text: str, value: float) -> Cell:
    """No number sorts below every number."""
    return [text, float(value) if math.isfinite(value) else None]
