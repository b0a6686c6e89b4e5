"""`bench table`: the results of a suite, and every report with its pictures."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import SUITE, JsonFile, Reports, Results, load, read_records
from bench.cli.saying import hint
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.io.places import Place

REPRODUCTION = "reproduction.md"
"""What is printed of the reports that are written."""


def table(
    suite: Annotated[str | None, SUITE] = None,
    published: Annotated[
        bool,
        typer.Option(
            "--published",
            help="What others have published, with sources; of a SUITE's models, beside what it measured.",
        ),
    ] = False,
    json_file: JsonFile = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print it as LaTeX (booktabs), and write nothing.")] = False,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Print the results table of a model card; write it and every other report with its pictures."""
    if suite is None:
        if not published:
            raise BenchError("bench table: give a suite, or --published")
        if latex or json_file is not None:
            raise BenchError("--latex and --json: of a suite's own table; give a suite")
        _print_published(results)
        return
    loaded = load(suite, results=results)
    from bench.analysis.memory.records import read_memory
    from bench.comparing import read_results
    from bench.store import Store

    store = Store(results / loaded.name)
    if latex:
        compared = read_results(loaded, store)
        from bench.reporting.tables.latex import render_latex

        print(render_latex(loaded, compared), end="")
        return
    memory = read_memory(loaded, store)
    if memory is not None and not store.manifest_path.exists():
        from bench.reporting.tables.memory import render_memory, write_memory

        print(render_memory(loaded, memory), end="")
        write_memory(loaded, memory, reports / loaded.name)
        return
    records = read_records(loaded, results)
    from bench.io.documents import write_json
    from bench.reporting.catalogue import Sources, render
    from bench.reporting.exports.whole import results_json
    from bench.reporting.tables.costs import render_table

    sources = Sources(records, results)
    if json_file is not None:
        write_json(json_file, results_json(loaded, records.results))
    if published:
        render("table --published", sources, reports / loaded.name)
        print((reports / loaded.name / REPRODUCTION).read_text(encoding="utf-8"), end="")
    else:
        print(render_table(loaded, records.results, records.list_unheard()), end="")  # first: it needs no disk
        render("table", sources, reports / loaded.name)
    hint(f"show {quote(suite)} --language {loaded.languages[0]}", f"report {quote(suite)}")


def _print_published(results: "Place") -> None:
    from bench.analysis.published import read_claims, read_costs

    costs, claims = read_costs(results), read_claims(results)
    from bench.reporting.tables.published import render_published

    print(render_published(costs, claims), end="")
