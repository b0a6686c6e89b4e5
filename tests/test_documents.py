"""README, docs and examples: commands parse as `--help` has it or run, suites are valid, links lead somewhere."""

import re
import runpy
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main

from bench.cli import app
from bench.suite import load_suite
from tests.conftest import Command
from tests.documents import DOCUMENTS, ROOT, blocks_of, commands_of, of_program, read_document

VERBS: Mapping[str, Any] = vars(typer.main.get_command(app))["commands"]
MISSING = {
    "name": 'name = "mine"',
    "languages": 'languages = ["en"]',
    "arms": 'arms = [{ name = "control", model = "models/control" }]',
}
"""What a suite needs besides what a page shows of it."""
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
SPAN = re.compile(r"(?<!`)`bench ([a-z][a-z-]*)([^`\n]*)`")
EXAMPLES = ("compare", "convert")
"""Those that are commands; the third is a program."""


def options_of(verb: Any) -> set[str]:
    return {name for parameter in verb.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_is_one_that_the_program_takes(name: str) -> None:
    """By its own parser: verb, options, their values, the number of arguments."""
    text = "".join(block.text for block in blocks_of(name, "bash"))
    for verb, *words in of_program("bench", text):
        assert verb in VERBS, f"bench {verb}"
        if "--help" not in words:
            VERBS[verb].make_context(verb, list(words))
    for verb, rest in SPAN.findall(read_document(name)):
        assert verb in VERBS, f"bench {verb}"
        assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)) <= options_of(VERBS[verb]), f"bench {verb}{rest}"


def test_every_session_is_one_of_the_noxfile() -> None:
    noxfile = read_document("noxfile.py")
    named = re.findall(r'@nox\.session\(name="([\w-]+)"\)', noxfile)
    sessions = {*named, *re.findall(r"@nox\.session\ndef (\w+)", noxfile)}
    used = {found for name in DOCUMENTS for found in re.findall(r"nox -s ([a-z][\w-]*)", read_document(name))}
    assert "docs" in used
    assert used <= sessions


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_suite_that_is_shown_is_valid(name: str, tmp_path: Path) -> None:
    """Parts of one, with what else a suite needs."""
    for number, block in enumerate(blocks_of(name, "toml")):
        before = [line for key, line in MISSING.items() if not re.search(rf"^{key} = ", block.text, re.MULTILINE)]
        corpus = "" if "[corpus]" in block.text else '[corpus]\nkind = "manifest"\npath = "clips.tsv"\n'
        path = tmp_path / f"{number}.toml"
        path.write_text("\n".join([*before, block.text, corpus]), encoding="utf-8")
        load_suite(str(path))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name: str) -> None:
    prose = re.sub(r"```.*?```", "", read_document(name), flags=re.DOTALL)
    broken = [link for link in LINK.findall(prose) if not ((ROOT / name).parent / link).exists()]
    assert not broken


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if any(block.runs for block in blocks_of(name, "bash"))])
def test_what_is_marked_to_run_runs(name: str, bench: Command) -> None:
    for block in blocks_of(name, "bash"):
        for words in of_program("bench", block.text) if block.runs else ():
            done = bench(*words)
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(example: str, bench: Command, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / example, tmp_path, dirs_exist_ok=True)
    for block in blocks_of(f"examples/{example}/README.md", "bash"):
        for program, *words in commands_of(block.text):
            assert program == "bench"
            done = bench(*words)
            assert done.returncode == 0, done.stderr


def test_the_example_in_python_ranks_three_systems(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "rank" / "rank.py"))
    shown = capsys.readouterr().out
    assert re.search(r"^\| 1 +\| float32 .*\n\| 1 +\| int8 .*\n\| 3 +\| int4 .*✱", shown, re.MULTILINE)


def test_the_readmes_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks_of("README.md", "python")
    exec(block.text, {})
    assert "| clean     | 2.8" in capsys.readouterr().out


def test_the_readme_stays_short() -> None:
    assert len(read_document("README.md").encode()) < 9000
