"""The page's tables of arms and of cells, formatted as everywhere; each number with a value to sort by."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import count_verdicts
from bench.comparing import ArmResults, Comparison
from bench.reporting.text.cells import metric_note
from bench.reporting.text.format import cost_interval, estimated, interval, mark, rate, signed, verdict
from bench.reporting.text.new_language import new_language_lines
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.scoring import METRICS, Metric
from bench.suite import ArmSpec

Cell = str | list[str | float | None]
"""A text, or a text and what it is sorted by."""
Table = dict[str, list[str] | list[list[Cell]]]


def verdict_lines(records: SuiteRecords) -> Iterator[str]:
    """What is said of each converted arm on clean speech, in a sentence or a few."""
    for arm in _converted(records):
        results = records.results.of(arm)
        outcomes = count_verdicts(results)
        sentence = verdict_sentence(arm, outcomes, records.suite.statistics.margin)
        others = [*new_language_lines(results), *records.list_unheard(arm)]
        another = (f"{line[0].upper()}{line[1:]}." for line in others)
        yield " ".join(filter(None, [sentence, undecided_sentence(outcomes), *another]))


def arms_table(records: SuiteRecords) -> Table:
    """A row a converted arm: its means over the languages of either metric, and how many languages are what."""
    names = ["arm", "control", "mean cost, WER", "mean cost, CER", "worse", "better", "undecided", "identical"]
    names += ["floor"]
    return {"columns": names, "rows": [_arm_row(records, arm) for arm in _converted(records)]}


def cells_table(records: SuiteRecords) -> Table:
    """A row a converted arm, language and condition, by the language's own metric; the cost first."""
    names = ["arm", "language", "condition", "cost", "95 % interval", "verdict", "control", "converted", "mark"]
    names += ["relative", "clips", "speakers", "alone", "† by", "runaways", "control's runaways", "loops"]
    names += ["control's loops"]
    margin = records.suite.statistics.margin
    rows = [_cell_row(row, margin) for arm in _converted(records) for row in records.results.of(arm).cells.primary]
    return {"columns": names, "rows": rows}


def _converted(records: SuiteRecords) -> list[ArmSpec]:
    return [arm for arm in records.suite.arms if arm.control is not None]


def _arm_row(records: SuiteRecords, arm: ArmSpec) -> list[Cell]:
    results, control = records.results.of(arm), records.suite.control_of(arm)
    outcomes = count_verdicts(results)
    groups = (outcomes.worse, outcomes.better, outcomes.undecided, outcomes.identical, outcomes.floor)
    counts: list[Cell] = [[f"{len(group)} ({' '.join(group)})" if group else "0", len(group)] for group in groups]
    what = f"{arm.id} (noise floor)" if records.suite.is_noise_floor(arm) else arm.id
    return [what, control.id if control else "", *(_mean(results, metric) for metric in METRICS), *counts]


def _mean(results: ArmResults, metric: Metric) -> Cell:
    """Without floor rows, as in the table of all arms; and with them, where there are any."""
    every, without = (results.summary(metric, "mean", floors=floors) for floors in (True, False))
    if every is None:
        return ""
    means = [every] if without in (every, None) else [without, every]
    shown = "; with floor rows ".join(estimated(mean.estimate) for mean in means if mean is not None)
    return _number(shown, (without or every).estimate.value)


def _cell_row(row: Comparison, margin: float | None) -> list[Cell]:
    delta, relative, sample = row.delta, row.relative, row.sample
    ours, theirs = row.result, row.control_result
    of_metric = f"{signed(delta.value)}{metric_note(row.metric)}"
    return [
        str(row.arm),
        row.language,
        row.condition,
        _number(of_metric, delta.value),
        _number(cost_interval(row), row.interval.high - row.interval.low),
        verdict(row, margin),
        _number(rate(row.control_result.rate), row.control_result.rate),
        _number(rate(row.rate.value), row.rate.value),
        _number(mark(row), row.verdict.p_adjusted),
        _number("n/a" if math.isnan(relative.value) else f"{signed(relative.value, 0)} %", relative.value),
        *(_number(str(count), count) for count in (sample.clips, sample.speakers)),
        _number(interval(delta.low, delta.high), delta.high - delta.low),
        ", ".join(row.verdict.dissenting),
        *(_number(str(count), count) for count in (ours.runaways, theirs.runaways, ours.loops, theirs.loops)),
    ]


def _number(text: str, value: float) -> Cell:
    """No number sorts below every number."""
    return [text, float(value) if math.isfinite(value) else None]
