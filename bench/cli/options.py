"""The arguments and options that several verbs share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.suite import ArmSpec, Suite

SUITE = typer.Argument(metavar="SUITE", help="A path ending in .toml, or a ready-made suite, such as demo.")
SuiteArgument = Annotated[str, SUITE]
Results = Annotated[Path, typer.Option("--results", metavar="DIR", help="Where records are kept.")]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Where reports are kept.")]
CorpusPath = Annotated[
    Path | None, typer.Option("--corpus-path", metavar="P", help="Use this corpus instead of the suite's corpus.path.")
]
ConvertedArm = Annotated[
    str | None, typer.Option("--arm", metavar="NAME", help="Default: the suite's only converted arm.")
]


def load(suite: str, corpus_path: Path | None = None) -> "Suite":
    """A verb's suite. Verbs ask for it before they import anything heavy, so that a mistake in it is told at once."""
    from bench.suite import load_suite

    return load_suite(suite, corpus_path)


def converted_arm(suite: "Suite", name: str | None) -> "ArmSpec":
    """The converted arm of that name, with its training seed or without. Raises BenchError unless it is one."""
    converted = [arm for arm in suite.arms if arm.control is not None and name in (None, arm.name, arm.id)]
    if not any(arm.control for arm in suite.arms):
        raise BenchError(f"suite {suite.name}: no arm has a control, so nothing is compared; give one a control")
    if len(converted) != 1:
        names = ", ".join(arm.id for arm in suite.arms if arm.control is not None)
        raise BenchError(f"--arm {name or '(not given)'}: name one of the suite's converted arms: {names}")
    return converted[0]
