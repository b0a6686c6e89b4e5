"""The honest sizing note: what the model costs, what it saves, and how both go with its size."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.memory.headlines import Headline, clip_bytes, headlines_of
from bench.analysis.size_curves import size_curves
from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import count_verdicts
from bench.reporting.tables.memory_tables import quantity_cell
from bench.reporting.tables.notes import summary_lines
from bench.reporting.text.format import estimated
from bench.reporting.text.new_language import new_language_lines
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.suite import CLEAN, ArmSpec

MILLION = 1e6
SAVED = ("cache", "peak allocated", "process")
"""What a smaller cache is to save, by words in the names of quantities."""


def sizing_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """A line each, as a list."""
    results = records.results.of(arm)
    outcomes = count_verdicts(results)
    sentence = verdict_sentence(arm, outcomes, records.suite.statistics.margin)
    yield " ".join(filter(None, [f"- {sentence}", undecided_sentence(outcomes)]))
    yield from summary_lines([summary for summary in results.summaries if summary.condition == CLEAN])
    yield from (f"- {line}" for line in new_language_lines(results))
    yield from _saving_lines(records, arm)
    yield from _family_lines(records, arm)


def headlines_about(records: SuiteRecords, *arms: ArmSpec) -> list[Headline]:
    """What was measured of these arms' bytes, in the suite's order; nothing where nobody measured."""
    if records.memory is None:
        return []
    measured, ids = records.memory.records, {arm.id for arm in arms}
    headlines = headlines_of(measured, clip_bytes(measured), records.memory.transcripts)
    return [headline for headline in headlines if headline.clip.arm in ids]


def _saving_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    headlines = headlines_about(records, arm)
    if arm not in records.suite.models:
        yield "- what it saves is not measured here: `bench memory` measures transformers models"
    elif arm not in records.suite.measurable:
        yield f"- it saves nothing: its weights and its cache are those of {arm.control}"
    elif not headlines:
        yield "- what it saves is not measured yet: `bench memory` on this suite does"
    for headline in headlines:
        known = {name: quantity for name, quantity in headline.quantities.items() if quantity.value is not None}
        saved = [name for name in known if any(word in name for word in SAVED)]
        quantities = ", ".join(f"{name} {quantity_cell(known[name])}" for name in saved)
        yield f"- memory, {headline.clip.dtype}, in brackets against {headline.clip.control}: {quantities}"


def _family_lines(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Its family's medians from the smallest model to the largest, and their trend."""
    for curve in size_curves(records.suite, records.results, records.parameters):
        if curve.family != arm.family or len({point.parameters for point in curve.points}) < 2:
            continue
        medians = ", ".join(
            f"{point.arm} ({point.parameters / MILLION:.3g} M) {estimated(point.median)}" for point in curve.points
        )
        trend = curve.slope
        told = f"; trend {estimated(trend)} a doubling of parameters" if trend else ""
        yield (
            f"- over the sizes of the family {curve.family} (the controls' parameters), median cost over the "
            f"{curve.metric.upper()} rows, in points: {medians}{told}"
        )
