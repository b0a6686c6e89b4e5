"""Verbs that show what stands behind a number: transcripts, and costs over size and cache."""

from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import ConvertedArm, Reports, Results, SuiteArgument, converted_arm
from bench.errors import BenchError


def show(
    suite: SuiteArgument,
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="As the suite writes it.")],
    arm: ConvertedArm = None,
    condition: Annotated[str, typer.Option("--condition", metavar="NAME", help="white@10, say.")] = "clean",
    worst: Annotated[int, typer.Option("--worst", metavar="N", help="Utterances each way.", min=1)] = 10,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Print the utterances that moved a cost the most, each way, aligned word by word (or character by character)."""
    from bench.compare import read_movement, read_tables
    from bench.reporting import render_movement
    from bench.store import Store
    from bench.suite import load_suite

    loaded = load_suite(suite)
    store = Store(results / loaded.name)
    read_tables(loaded, store)  # refuses what is older than the suite or its decodes
    chosen = converted_arm(loaded, arm)
    print(render_movement(read_movement(loaded, store, chosen, language, condition), worst), end="")


def curve(
    suites: Annotated[list[str], typer.Argument(metavar="SUITE…", help="Names or .toml files.")],
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Draw costs over model size, of families of arms, and over the decode cache they buy, once that is measured."""
    from bench.compare import read_tables
    from bench.memory import read_memory
    from bench.published import find_claims
    from bench.reporting import write_curve, write_frontier
    from bench.store import Store
    from bench.suite import load_suite

    for name in suites:
        loaded = load_suite(name)
        store, folder = Store(results / loaded.name), reports / loaded.name
        tables = read_tables(loaded, store)
        written = write_curve(loaded, tables, store.read_parameters(), find_claims(results), folder)
        written += write_frontier(loaded, tables, read_memory(loaded, store), folder)
        if not written:
            raise BenchError(
                f"suite {loaded.name}: no arm has a family, and no memory is measured; give arms a family, or run "
                "`bench memory` on it"
            )
        for path in written:
            print(f"wrote {path}")
