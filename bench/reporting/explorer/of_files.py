"""The page of files of decodes: systems against the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.comparing import Comparison
from bench.comparing.external.sides import UNKNOWN_LANGUAGE
from bench.comparing.parts import ArmResult
from bench.reporting.explorer.cells import cells_table, sorted_number
from bench.reporting.explorer.page import Cell, Page, Table, Verdict
from bench.reporting.explorer.verdicts import cost_of_cell, drawn_costs
from bench.reporting.tables.pair import tested_lines
from bench.reporting.text.format import counted, probability, rate, verdict
from bench.reporting.text.legend import files_legend
from bench.suite import CLEAN, StatisticsSpec
from bench.visible import visible

ABOUT_ARMS = "What every system got wrong; rates in per cent."


def page_of_files(
    comparisons: Sequence[Comparison], signatures: Sequence[str], margin: float | None, cautions: Sequence[str]
) -> Page:
    """Each system against the one control, condition by condition; `cautions` are said with them."""
    control = comparisons[0].control
    systems = list(dict.fromkeys(row.arm for row in comparisons))
    conditions = {row.condition for row in comparisons}
    heading = f"{systems[0]} against {control}" if len(systems) == 1 else f"{len(systems)} systems against {control}"
    return Page(
        title=visible(heading),
        heading=visible(heading),
        about=visible(f"Transcripts compared: {', '.join([control, *systems])}{_language(comparisons[0])}"),
        leads_title="Verdict" if len(comparisons) == 1 else "Verdicts",
        leads=[_lead(row, margin) for row in comparisons],
        said_title="Counts, other tests, cautions",
        said=list(map(visible, [*_said(comparisons, len(systems) > 1), *cautions])),
        arms=_systems_table(comparisons),
        about_arms=ABOUT_ARMS,
        costs_title="What it costs",
        cells=cells_table(comparisons, margin),
        costs=drawn_costs(comparisons, margin),
        rows="condition" if len(conditions) > 1 else "language",
        legend=files_legend(visible(control), len(systems), StatisticsSpec(margin=margin)),
        signature="; ".join(signatures),
    )


def _language(row: Comparison) -> str:
    return "" if row.language == UNKNOWN_LANGUAGE else f"; language: {row.language}"


def _lead(row: Comparison, margin: float | None) -> Verdict:
    number, of = cost_of_cell(row)
    told, sample = verdict(row, margin), row.sample
    speakers = f" by {counted(sample.speakers, 'speaker')}" if sample.speakers else ""
    rates = f"{rate(row.rate.value)} % against {rate(row.control_result.rate)} %"
    return {
        "arm": visible(f"{row.arm}{_condition(row)}"),
        "number": number,
        "of": visible(f"{of}, against {row.control}"),
        "sentence": f"{told[:1].upper()}{told[1:]} (p {probability(row.verdict.p_adjusted)}): {rates} over "
        f"{counted(sample.clips, 'utterance')}{speakers}.",
    }


def _said(comparisons: Sequence[Comparison], several: bool) -> Iterator[str]:
    for row in comparisons:
        yield from (f"{row.arm}, {line}" if several else line for line in tested_lines(row))


def _systems_table(comparisons: Sequence[Comparison]) -> Table:
    """A row a system and condition, the control first."""
    rows: dict[str, list[Cell]] = {}
    for row in comparisons:
        for system, result in ((row.control, row.control_result), (row.arm, row.result)):
            name = f"{system}{_condition(row)}"
            rows.setdefault(name, [name, *_numbers(result)])
    names = ["system", comparisons[0].metric.upper(), "sub / del / ins", "loops / empty / runaways"]
    return {"columns": names, "rows": list(rows.values())}


def _numbers(result: ArmResult) -> Iterator[Cell]:
    counts = result.counts
    edits = f"{counts.substitutions} / {counts.deletions} / {counts.insertions}"
    yield sorted_number(rate(result.rate), result.rate)
    yield sorted_number(edits, counts.errors)
    yield sorted_number(f"{result.loops} / {result.empties} / {result.runaways}", result.loops)


def _condition(row: Comparison) -> str:
    return "" if row.condition == CLEAN else f", {row.condition}"
