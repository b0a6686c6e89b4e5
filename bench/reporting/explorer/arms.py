"""The page's table of arms, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import count_verdicts
from bench.comparing import ArmResults
from bench.reporting.explorer.cells import sorted_number
from bench.reporting.explorer.page import Cell, Table
from bench.reporting.text.format import estimated
from bench.reporting.text.new_language import new_language_lines
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.scoring import METRICS, Metric
from bench.suite import ArmSpec


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
    return sorted_number(shown, (without or every).estimate.value)
