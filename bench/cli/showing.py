"""Verbs that show what stands behind a number: transcripts, and costs over size and cache."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import ConvertedArm, Reports, Results, SuiteArgument, converted_arm, load
from bench.errors import BenchError


def show(
    suite: SuiteArgument,
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="As the suite writes it.")],
    arm: ConvertedArm = None,
    condition: Annotated[str, typer.Option("--condition", metavar="NAME", help="white@10, say.")] = "clean",
    worst: Annotated[int, typer.Option("--worst", metavar="N", help="Utterances each way.", min=1)] = 10,
    results: Results = Path("results"),
) -> None:
    """Print the utterances that moved a cost the most, each way, aligned word by word (or character by character)."""
    loaded = load(suite, results=results)
    from bench.analysis.utterances import read_movement
    from bench.comparing import read_results
    from bench.reporting.text.terminal import render_movement
    from bench.store import Store

    store = Store(results / loaded.name)
    read_results(loaded, store)  # refuses what is older than the suite or its decodes
    chosen = converted_arm(loaded, arm)
    print(render_movement(read_movement(loaded, store, chosen, language, condition, 2 * worst), worst), end="")


def curve(
    suites: Annotated[list[str], typer.Argument(metavar="SUITE…", help="Names or .toml files.")],
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Draw costs over model size, of families of arms; and, of a single suite, over the decode cache they buy where
    memory is measured, and over time where `bench speed` timed its arms. Several suites that measured the same clips, a
    size each, make one curve.
    """
    loaded = [load(suite, results=results) for suite in suites]
    from bench.analysis.published import find_claims
    from bench.analysis.suite_records import read_suite_records
    from bench.comparing import join_suites
    from bench.store import Store

    stores = [Store(results / suite.name) for suite in loaded]
    for store in stores:
        store.read_manifest()  # of a suite of which nothing is decoded: told before what draws is imported
    from bench.reporting.figures.frontier import write_frontiers
    from bench.reporting.figures.size_curve import write_curve

    claims = find_claims(results)
    if len(loaded) > 1:
        joined = join_suites(list(zip(loaded, stores, strict=True)))
        folder = reports / joined.suite.name
        written = write_curve(joined.suite, joined.results, joined.parameters, claims, folder)
        missing = f"suites {joined.suite.name}: no arm has a family; give the arms of one method the same family"
    else:
        (suite,), (store,) = loaded, stores
        folder = reports / suite.name
        records = read_suite_records(suite, store)
        written = write_curve(suite, records.results, records.parameters, claims, folder)
        written += write_frontiers(records, folder)
        missing = (
            f"suite {suite.name}: no arm has a family, and neither memory nor time is measured; give arms a family, "
            "or run `bench memory` or `bench speed` on it"
        )
    if not written:
        raise BenchError(missing)
    for path in written:
        print(f"wrote {path}")
