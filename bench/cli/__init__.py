"""The `bench` command: one short function a verb. Verbs import inside, so that --help answers at once."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bench import __version__
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.store import Store
    from bench.suite import Suite

SHOW_CURSOR = "\x1b[?25h"
"""The progress bar hides it."""

app = typer.Typer(
    name="bench",
    help="What a converted speech model costs against its control: in which language, how surely, and what is saved.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SuiteArgument = Annotated[
    str, typer.Argument(metavar="SUITE", help="A path ending in .toml, else a ready-made suite: demo.")
]
Results = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where records are kept.")]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Where verbs that render write reports.")]
CorpusPath = Annotated[
    Path | None, typer.Option("--corpus-path", metavar="P", help="Use this corpus instead of the suite's corpus.path.")
]


def _version(asked: bool) -> None:
    if asked:
        print(f"whisper-mla-bench {__version__}")
        raise typer.Exit


@app.callback()
def _bench(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    suite: SuiteArgument,
    arm: Annotated[
        list[str] | None, typer.Option("--arm", metavar="NAME", help="Decode this arm only; may be repeated.")
    ] = None,
    corpus_path: CorpusPath = None,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Decode what is missing; then compare, if every cell is whole."""
    from rich.console import Console

    from bench.runners import run_suite
    from bench.store import Store
    from bench.suite import load_suite

    loaded = load_suite(suite, corpus_path)
    store = Store(results / loaded.name)
    summary = run_suite(loaded, store, arm or [], Console(stderr=True))
    print(f"decoded {summary.decoded} clips, found {summary.found} already decoded ({store.folder})")
    if summary.missing:
        print(f"not compared: {', '.join(summary.missing)} still to be decoded; run without --arm")
    else:
        _compare(loaded, store)


@app.command()
def compare(suite: SuiteArgument, results: Results = Path("results"), reports: Reports = Path("reports")) -> None:
    """Count errors in the stored decodes and compare every arm with its control."""
    from bench.store import Store
    from bench.suite import load_suite

    loaded = load_suite(suite)
    store = Store(results / loaded.name)
    _compare(loaded, store)
    print(f"wrote {store.counts_path} and {store.comparisons_path}")


def _compare(suite: "Suite", store: "Store") -> None:
    """Compares, and names the clips that had to be left out."""
    from bench.compare import compare_suite, list_unreadable

    compare_suite(suite, store)
    for line in list_unreadable(store):
        print(f"left out as unreadable: {line}", file=sys.stderr)


@app.command()
def table(suite: SuiteArgument, results: Results = Path("results"), reports: Reports = Path("reports")) -> None:
    """Print the results table of a model card; write it as table.md and table.csv, and its picture."""
    from bench.compare import read_comparisons
    from bench.reporting import write_forest, write_table
    from bench.store import Store
    from bench.suite import load_suite

    loaded = load_suite(suite)
    comparisons = read_comparisons(loaded, Store(results / loaded.name))
    text = write_table(loaded, comparisons, reports / loaded.name)
    write_forest(loaded, comparisons, reports / loaded.name)
    print(text, end="")


def main() -> None:
    """Runs the command; a BenchError becomes one line on stderr and exit code 2, an interrupt exit code 130."""
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app()
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)


def _interrupted(signum: int, frame: FrameType | None) -> NoReturn:
    """Leaves at once. An exception raised inside a C library's callback would only be printed and ignored."""
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{cursor}bench: interrupted; what was decoded is kept, the same command goes on from there\n".encode())
    os._exit(130)
