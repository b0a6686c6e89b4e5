"""Verbs that render what is published: the model card."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import ConvertedArm, Reports, Results, SuiteArgument, converted_arm


def card(
    suite: SuiteArgument,
    arm: ConvertedArm = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="README.md", help="Also replace the marked block of this card; nothing else of it."
        ),
    ] = None,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Write the model card of a converted arm: its sections and the hub's metadata, from the suite's records."""
    from bench.reporting.card import render_block, replace_block, write_card
    from bench.reporting.records import read_suite_records
    from bench.store import Store
    from bench.suite import load_suite

    loaded = load_suite(suite)
    found = read_suite_records(loaded, Store(results / loaded.name))
    chosen = converted_arm(loaded, arm)
    if into is not None:
        replace_block(into, render_block(found, chosen))
        print(f"replaced the marked block of {into}")
    for path in write_card(found, chosen, reports / loaded.name):
        print(f"wrote {path}")
    if into is not None:
        print("its front matter is left as it is: the figures for machines are in the files above", file=sys.stderr)
