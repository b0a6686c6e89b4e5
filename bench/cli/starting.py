"""Verbs to begin with: which suites there are, and a suite of one's own."""

from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import Reports, Results, load
from bench.cli.saying import hint
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.suite import Suite


def list_suites(results: Results = Path("results"), reports: Reports = Path("reports")) -> None:
    """List the ready-made suites and those of this folder: what they measure, and what is there of it."""
    from bench.io.documents import read_toml
    from bench.reporting.text.markdown import markdown_table
    from bench.suite import ready_made

    mine = [str(path) for path in sorted(Path().glob("*.toml")) if "arms" in read_toml(path)]
    rows = []
    for name in [*mine, *ready_made()]:
        suite = load(name)
        kept = {"decoded": results / suite.name / "manifest.json", "reports": reports / suite.name}
        there = [what for what, path in kept.items() if path.exists()]
        rows.append([name, *_sizes(suite), ", ".join(there)])
    print(markdown_table(["suite", "languages", "arms", "conditions", "corpus", "there"], rows))
    hint("run SUITE --limit 20")


def _sizes(suite: "Suite") -> list[str]:
    return [
        f"{len(suite.languages)} ({' '.join(suite.languages[:6])}{' …' if len(suite.languages) > 6 else ''})",
        str(len(suite.arms)),
        str(len(suite.conditions)),
        suite.corpus.repo or suite.corpus.kind,
    ]


def init(
    control: Annotated[str, typer.Argument(metavar="CONTROL", help="The model not converted: a folder or a hub id.")],
    converted: Annotated[str, typer.Argument(metavar="CONVERTED", help="The model held against it.")],
    clips: Annotated[
        Path, typer.Argument(metavar="CLIPS", help="A manifest, its folder, or a release of Common Voice.")
    ],
    suite: Annotated[Path, typer.Argument(metavar="FILE.toml", help="The suite to write.")] = Path("my-suite.toml"),
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="CODE", help="Instead of those that CLIPS name; may be repeated."),
    ] = None,
) -> None:
    """Write a commented suite of two models and a folder of clips, to be looked at and run."""
    from bench.cli.starter import starter_suite
    from bench.io.files import write_atomically, write_text

    if suite.suffix != ".toml":
        raise BenchError(f"{suite}: a suite's name ends in .toml")
    if suite.exists():
        raise BenchError(f"{suite} is there already; name another file")
    text = starter_suite(control, converted, clips, suite, tuple(language or ()))
    write_atomically(suite, partial(write_text, text))
    try:
        load(str(suite))
    except BenchError:
        suite.unlink()
        raise
    print(f"wrote {suite}")
    hint(f"doctor {quote(str(suite))}", f"run {quote(str(suite))} --limit 20")
