"""The arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

SUITE = typer.Argument(metavar="SUITE", help="A path ending in .toml, or a ready-made suite, such as demo.")
SuiteArgument = Annotated[str, SUITE]
Results = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where records are kept.")]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Where verbs that render write reports.")]
CorpusPath = Annotated[
    Path | None, typer.Option("--corpus-path", metavar="P", help="Use this corpus instead of the suite's corpus.path.")
]
