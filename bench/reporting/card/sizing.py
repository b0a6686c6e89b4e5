"""The honest sizing note: what the model costs, what it saves, and how both go with its size."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.memory.headlines import Headline, clip_bytes, headlines_of
from bench.analysis.size_curves import size_curves
from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import outcomes_of
from bench.reporting.tables.memory_tables import quantity
from bench.reporting.tables.notes import summary_lines
from bench.reporting.text.cells import clean_of
from bench.reporting.text.format import interval, signed
from bench.reporting.text.verdict_sentences import undecided_sentence, verdict_sentence
from bench.suite import ArmSpec

MILLION = 1e6
SAVED = ("cache", "peak allocated", "process")
"""What a smaller cache is to save, by words in the names of quantities."""


def sizing_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """A line each, as a list."""
    outcomes = outcomes_of(found.tables, arm)
    sentence = verdict_sentence(arm, outcomes, found.suite.statistics.margin)
    yield " ".join(filter(None, [f"- {sentence}", undecided_sentence(outcomes)]))
    summaries = found.tables.summaries
    of_family = summaries["statistic"].str.contains("slope")  # a family may have the arm's name
    yield from summary_lines(clean_of(summaries[summaries["arm"].eq(arm.id) & ~of_family]))
    yield from _saving_lines(found, arm)
    yield from _family_lines(found, arm)


def headlines_about(found: SuiteRecords, *arms: ArmSpec) -> list[Headline]:
    """What was measured of these arms' bytes, in the suite's order; nothing where nobody measured."""
    if found.memory is None:
        return []
    every = headlines_of(found.memory.table, clip_bytes(found.memory.table), found.memory.transcripts)
    return [each for each in every if each.clip.arm in {arm.id for arm in arms}]


def _saving_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    headlines = headlines_about(found, arm)
    if not headlines:
        yield "- what it saves is not measured yet: `bench memory` on this suite does"
    for each in headlines:
        told = {name: q for name, q in each.quantities.items() if any(word in name for word in SAVED)}
        said = ", ".join(f"{name} {quantity(q)}" for name, q in told.items() if q.value is not None)
        yield f"- memory, {each.clip.dtype}, in brackets against {each.clip.control}: {said}"


def _family_lines(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Its family's medians from the smallest model to the largest, and their trend."""
    for curve in size_curves(found.suite, found.tables, found.parameters):
        if curve.family != arm.family or len({point.parameters for point in curve.points}) < 2:
            continue
        medians = ", ".join(
            f"{point.arm} ({point.parameters / MILLION:.3g} M) {signed(point.median.value)} "
            f"{interval(point.median.low, point.median.high)}"
            for point in curve.points
        )
        trend = curve.slope
        told = (
            f"; trend {signed(trend.value)} {interval(trend.low, trend.high)} a doubling of parameters" if trend else ""
        )
        yield (
            f"- over the sizes of the family {curve.family} (the controls' parameters), median cost over the "
            f"{curve.metric.upper()} rows, in points: {medians}{told}"
        )
