"""Verbs that hold results against others, or against themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import Reports, Results, load
from bench.errors import BenchError
from bench.visible import visible

if TYPE_CHECKING:
    from bench.io.places import Place


def diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A suite with results, or what table --json wrote.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Another, of the same cells or of some of them.")],
    results: Results = Path("results"),
) -> None:
    """Say in what two results differ: signatures, cells, rates, costs and marks. Nothing is tested.

    Exit code 1 if they do.
    """
    read = [_read_results(name, results) for name in (before, after)]
    from bench.reporting.tables.difference import render_difference

    text = render_difference(*read)
    print(text or f"no difference: {before} and {after} have the same cells, rates, costs and marks\n", end="")
    if text:
        raise typer.Exit(1)


def _read_results(name: str, results: "Place") -> "dict[str, Any]":
    """What `results_json` makes of a suite, or wrote to a file."""
    from bench.io.documents import read_json

    if name.endswith(".json"):
        written = read_json(Path(name), "write it anew by `bench table --json`")
        if not isinstance(written, dict) or not isinstance(written.get("comparisons"), list):
            raise BenchError(f"{name}: not what `bench table --json` writes; write it anew")
        return written
    suite = load(name, results=results)
    from bench.comparing import read_results
    from bench.reporting.exports.whole import results_json
    from bench.store import Store

    return results_json(suite, read_results(suite, Store(results / suite.name)))


def verify(
    suites: Annotated[list[str], typer.Argument(metavar="SUITE…", help="Names or .toml files.")],
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Recompute everything from the decodes and hold it against what is stored and rendered; exit 1 if it differs.

    Several suites are verified one by one, and then the curve that they share, where one is drawn.
    """
    to_verify = [load(suite, results=results) for suite in suites]
    from bench.analysis.memory.records import NAME as MEMORY
    from bench.store import Store

    loaded = [(suite, Store(results / suite.name)) for suite in to_verify]
    for _, store in loaded:
        if not store.table_path(MEMORY).is_file() and not store.manifest_path.exists():
            store.read_manifest()  # of a suite of which nothing is there: told before what draws is imported
    from bench.analysis.published import find_claims
    from bench.comparing import joint_name
    from bench.verify import verify as find_differences
    from bench.verify import verify_joint

    differences = [line for suite, store in loaded for line in find_differences(suite, store, reports / suite.name)]
    if len(loaded) > 1:
        differences += verify_joint(loaded, find_claims(results), reports)
    for line in differences:
        print(visible(line))
    if differences:
        raise typer.Exit(1)
    for suite, _ in loaded:
        rendered = "and reports" if (reports / suite.name).is_dir() else "(no report is rendered yet)"
        print(f"verified {suite.name}: decodes as the manifest says; counts, tables {rendered} equal when recomputed")
    if len(loaded) > 1:
        joint = reports / joint_name([suite for suite, _ in loaded])
        print(f"verified {joint.name}: their curve" if joint.is_dir() else f"no curve of theirs is drawn ({joint})")
