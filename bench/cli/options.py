"""The arguments and options that several verbs share."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.saying import warn
from bench.errors import BenchError
from bench.io.places import Place, folder_of, place_of

if TYPE_CHECKING:
    from bench.analysis.suite_records import SuiteRecords
    from bench.suite import ArmSpec, Overrides, Suite

OVERRIDES = "overrides.json"
"""In a suite's results: what the last run was told beside its suite."""
SUITE = typer.Argument(metavar="SUITE", help="A path ending in .toml, or a ready-made suite, such as demo.")
SuiteArgument = Annotated[str, SUITE]
if TYPE_CHECKING:
    Results = Place
else:  # Typer knows no unions, and passes on what the parser gives
    Results = Annotated[
        Path,
        typer.Option("--results", metavar="DIR", parser=place_of, help="Where records are kept: a folder, or a URL."),
    ]
ResultsFolder = Annotated[
    Path, typer.Option("--results", metavar="DIR", parser=folder_of, help="The folder where records are kept.")
]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Where reports are kept.")]
CorpusPath = Annotated[
    Path | None, typer.Option("--corpus-path", metavar="P", help="Use this corpus instead of the suite's corpus.path.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write it as JSON.")]
ConvertedArm = Annotated[
    str | None, typer.Option("--arm", metavar="NAME", help="Default: the suite's only converted arm.")
]
Title = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="Of the card. Default: the model folder's name.")
]
BaseModel = Annotated[
    str | None,
    typer.Option("--base-model", metavar="OWNER/NAME", help="What it was made from, where no record says so."),
]
Licence = Annotated[str | None, typer.Option("--license", metavar="ID", help="As the hub writes it: apache-2.0, mit.")]
Push = Annotated[
    str | None, typer.Option("--push", metavar="OWNER/NAME", help="Also upload it to the hub, as you are logged in.")
]


def load(suite: str, corpus_path: Path | None = None, results: Place | None = None) -> "Suite":
    """A verb's suite. Verbs ask for it before they import anything heavy, so that a mistake in it is told at once.

    With `results`: as the last run there decoded it, whatever it was told beside its file; which is said.
    """
    from bench.suite import load_suite, read_overrides

    loaded = load_suite(suite, corpus_path)
    if results is None:
        return loaded
    overrides = read_overrides(results / loaded.name / OVERRIDES)
    if not overrides.given:
        return loaded
    warn(f"{loaded.name}: as the last run was told: {overrides.words}; `bench run` without them decodes the rest")
    return load_suite(suite, corpus_path, overrides)


def read_records(suite: "Suite", results: Place) -> "SuiteRecords":
    """What reports are rendered from: read before what draws them is imported, so that nothing decoded is told soon."""
    from bench.analysis.suite_records import read_suite_records
    from bench.store import Store

    return read_suite_records(suite, Store(results / suite.name))


def load_to_run(suite: str, corpus_path: Path | None, results: Place, overrides: "Overrides") -> "Suite":
    """A suite as this run is told to decode it, which is kept for the verbs that read what it decoded."""
    from functools import partial

    from bench.io.files import write_text
    from bench.io.places import write_whole
    from bench.suite import load_suite

    loaded = load_suite(suite, corpus_path, overrides)
    path = results / loaded.name / OVERRIDES
    if overrides.given:
        write_whole(path, partial(write_text, json.dumps(overrides.given) + "\n"))
    elif path.exists():
        path.unlink()
    return loaded


def converted_arm(suite: "Suite", name: str | None) -> "ArmSpec":
    """The converted arm of that name, with its training seed or without. Raises BenchError unless it is one."""
    converted = [arm for arm in suite.arms if arm.control is not None and name in (None, arm.name, arm.id)]
    if not any(arm.control for arm in suite.arms):
        raise BenchError(f"suite {suite.name}: no arm has a control, so nothing is compared; give one a control")
    if len(converted) != 1:
        names = ", ".join(arm.id for arm in suite.arms if arm.control is not None)
        raise BenchError(f"--arm {name or '(not given)'}: name one of the suite's converted arms: {names}")
    return converted[0]
