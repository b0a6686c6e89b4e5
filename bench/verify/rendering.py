"""Every report that is there, rendered anew from records into another folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bench.analysis.published import find_claims, read_costs
from bench.analysis.suite_records import SuiteRecords
from bench.analysis.utterances import read_movements
from bench.errors import BenchError
from bench.reporting import REPRODUCTION, write_curve, write_frontier, write_reports, write_reproduction
from bench.reporting.card import card_name, write_card
from bench.reporting.explorer import MOST_UTTERANCES, write_explorer
from bench.reporting.explorer import NAME as EXPLORER
from bench.reporting.explorer.audio_clips import read_heard
from bench.store import Store


def render_anew(found: SuiteRecords, fresh: Store, results: Path, reports: Path, folder: Path) -> Iterator[str]:
    """What `bench table` renders, and whatever else stands among the reports; a line for what cannot be.

    `fresh` holds the counts as they were recomputed.
    """
    suite, tables = found.suite, found.tables
    yield from _tried(lambda: write_reports(suite, tables, found.memory, folder))
    if (reports / REPRODUCTION).is_file():
        yield from _tried(lambda: write_reproduction(suite, tables, read_costs(results), folder))
    if any((reports / name).is_file() for name in ("curve.csv", "frontier.svg")):
        yield from _tried(lambda: write_curve(suite, tables, found.parameters, find_claims(results), folder))
        yield from _tried(lambda: write_frontier(suite, tables, found.memory, folder))
    for arm in suite.arms:
        if arm.control is not None and (reports / card_name(suite, arm)).is_file():
            yield from _tried(lambda arm=arm: write_card(found, arm, folder))  # type: ignore[misc]
    if (reports / EXPLORER).is_file():
        yield from _tried(lambda: _render_explorer(found, fresh, results, reports, folder))


def _render_explorer(found: SuiteRecords, fresh: Store, results: Path, reports: Path, folder: Path) -> None:
    movements = list(read_movements(found.suite, fresh, MOST_UTTERANCES))
    write_explorer(found, movements, read_heard(reports / EXPLORER), find_claims(results), folder)


def _tried(render: Callable[[], object]) -> Iterator[str]:
    try:
        render()
    except BenchError as error:
        yield f"cannot be rendered anew: {error}"
