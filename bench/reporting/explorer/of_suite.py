"""The page of a suite."""

from __future__ import annotations

from bench.analysis.suite_records import SuiteRecords
from bench.reporting.card.acoustics import demo_words
from bench.reporting.explorer.arms import arms_table, verdict_lines
from bench.reporting.explorer.cells import cells_table
from bench.reporting.explorer.page import Page
from bench.reporting.explorer.verdicts import drawn_costs, lead_verdicts
from bench.reporting.text.legend import page_legend

ABOUT_ARMS = (
    "Converted minus control, points; mean over the languages of each metric, without floor rows (and with them, where "
    "there are any), 95 % intervals."
)


def page_of_suite(records: SuiteRecords) -> Page:
    """Every converted arm against its control."""
    suite = records.suite
    converted = [arm for arm in suite.arms if arm.control is not None]
    costs = [row for arm in converted for row in records.results.of(arm).cells.primary]
    said = list(verdict_lines(records))
    return Page(
        title=f"{suite.label}: {suite.name}, costs against the control",
        heading=f"{suite.name}: costs against the control",
        about=demo_words(suite) or f"{suite.label}: {records.manifest.corpus.name}",
        leads_title="Verdicts on clean speech",
        leads=list(lead_verdicts(records)),
        said_title=f"All that is said of {'the arm' if len(said) == 1 else f'the {len(said)} arms'}",
        said=said,
        arms=arms_table(records),
        about_arms=ABOUT_ARMS,
        costs_title="What each language costs",
        cells=cells_table(costs, suite.statistics.margin),
        costs=drawn_costs(costs, suite.statistics.margin),
        rows="language",
        legend=page_legend(suite),
        signature=records.results.signature,
    )
