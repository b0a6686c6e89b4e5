"""The `bench` command: one short function a verb. Verbs import inside, so that --help answers at once."""

import sys
from typing import Annotated

import typer

from bench.cli.checking import diff, verify
from bench.cli.comparing import compare
from bench.cli.converting import convert, export, recover
from bench.cli.decoding import data, doctor, plan, run
from bench.cli.exporting import export_results
from bench.cli.measuring import memory
from bench.cli.publishing import card, report
from bench.cli.saying import checked, warn
from bench.cli.showing import curve, show
from bench.cli.starting import init, list_suites
from bench.cli.tabling import table
from bench.cli.timing import speed
from bench.errors import BenchError
from bench.io.files import require_name
from bench.version import __version__

app = typer.Typer(
    name="bench",
    help="What a converted speech model costs against its control: in which language, how surely, and what is saved.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
VERBS = (
    run,
    compare,
    table,
    card,
    curve,
    report,
    show,
    verify,
    diff,
    plan,
    doctor,
    data,
    memory,
    speed,
    convert,
    recover,
    export,
    export_results,
    init,
)
for verb in VERBS:
    app.command()(verb)
app.command("list")(list_suites)


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


def main() -> None:
    """Runs the command; a BenchError becomes one line on stderr and exit code 2."""
    try:
        sys.stdout = checked(sys.stdout)
        for word in sys.argv[1:]:
            require_name(word)
        app()
    except BenchError as error:
        warn(f"bench: {error}")
        sys.exit(2)
