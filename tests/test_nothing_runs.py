"""Nothing runs that was not asked for: modules beside the user, planted links, formulas, terminal escapes."""

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import BenchError
from bench.io import unfinished
from bench.io.columns import TEXT, TEXTS, Column, Schema
from bench.io.files import write_atomically, write_text
from bench.reporting.tables.corpus import write_data
from bench.visible import FORMULA, NUMBER, no_formula, no_formulas, visible
from tests.cards import make_suite
from tests.conftest import Command, write_clips
from tests.test_hostile import data_report

FORMULAS = ['=HYPERLINK("http://e.vil","x")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1"]
TITLE = "\x1b]0;owned\x07"
"""What a terminal would take for its new title."""


@pytest.mark.parametrize("name", ["json", "torch", "bench"])
def test_measuring_imports_nothing_from_the_working_folder(
    bench: Command, suite_file: Path, tmp_path: Path, name: str
) -> None:
    planted = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(9)\n"
    (tmp_path / f"{name}.py").write_text(planted, encoding="utf-8")
    suite_file.write_text(
        suite_file.read_text(encoding="utf-8") + "\n[memory]\nbatch = [1]\ntokens = [9]\n", encoding="utf-8"
    )
    measured = bench("memory", suite_file)
    assert not (tmp_path / "ran").exists()
    assert measured.returncode == 0, measured.stderr


def test_a_planted_link_is_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim, path = tmp_path / "victim", tmp_path / "reports" / "table.md"
    victim.write_text("mine", encoding="utf-8")
    path.parent.mkdir()
    (path.parent / ".table.md.0123456789abcdef.part").symlink_to(victim)
    write_atomically(path, lambda temporary: write_text("table", temporary))
    assert path.read_text(encoding="utf-8") == "table"
    assert not path.is_symlink()
    monkeypatch.setattr(unfinished, "token_hex", lambda count: "guessed")
    for link in (victim, tmp_path / "new"):
        planted = path.parent / ".other.md.guessed.part"
        planted.symlink_to(link)
        with pytest.raises(BenchError, match=r"other\.md: cannot be written: File exists"):
            write_atomically(path.with_name("other.md"), lambda temporary: write_text("table", temporary))
        planted.unlink(missing_ok=True)
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "new").exists()


def test_what_is_written_is_readable_as_the_user_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "table.md", lambda temporary: write_text("table", temporary))
    finally:
        os.umask(before)
    assert (tmp_path / "table.md").stat().st_mode & 0o777 == 0o640


class _Named:
    def __init__(self, text: str) -> None:
        self.text, self.texts, self.number = text, (text, "b"), -1.5


SCHEMA = Schema(
    "named",
    "names",
    (Column("text", "text", TEXT, ""), Column("texts", "texts", TEXTS, "")),
    lambda row: _Named,
)


@given(text=st.sampled_from(FORMULAS) | st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(NUMBER))
def test_no_cell_is_a_formula_or_an_escape(text: str) -> None:
    for cell in next(csv.reader(io.StringIO(SCHEMA.csv([_Named(text)]).partition("\n")[2], newline=""))):
        assert cell[:1] not in [*FORMULA] or NUMBER.fullmatch(cell), cell
        assert cell == visible(cell), "a terminal would obey it"
    assert no_formula(text) in (text, f"'{text}")
    for cell in no_formulas(visible(f"# {text},{text};{text}")).replace(";", ",").split(","):
        assert cell[:1] not in [*FORMULA] or NUMBER.fullmatch(cell), cell


def test_a_list_of_clips_holds_no_formula_and_no_escape(tmp_path: Path) -> None:
    for hostile in FORMULAS:
        write_data(make_suite(), data_report(hostile), tmp_path)
        rows = (tmp_path / "clips.tsv").read_text(encoding="utf-8").splitlines()[1:]
        assert all(row.split("\t")[1].startswith(("'", "\\u")) for row in rows)
    write_data(make_suite(), data_report(TITLE), tmp_path)
    assert visible(TITLE) in (tmp_path / "clips.tsv").read_text(encoding="utf-8")


def test_what_is_said_is_not_obeyed_by_a_terminal(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Ids of clips, paths and messages, in whatever is printed beside a result."""
    manifest = write_clips(tmp_path / "clips", clips=3)
    header, *rows = manifest.read_text(encoding="utf-8").splitlines()
    lines = [f"{row}\t{TITLE}{number}" for number, row in enumerate(rows)]
    manifest.write_text("\n".join([f"{header}\tid", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "clips" / "en1.wav").write_bytes(b"no audio")
    ran = bench("run", suite_file)
    assert ran.returncode == 0, ran.stderr
    assert f"left out as unreadable: en/clean {visible(TITLE)}1" in ran.stderr
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("en0.wav", f"{TITLE}.wav"), encoding="utf-8")
    refused = bench("run", suite_file)
    assert refused.returncode == 2
    assert visible(TITLE) in refused.stderr
    named = bench("doctor", suite_file), bench("compare", tmp_path / f"{TITLE}.toml")
    for done in (ran, refused, *named):
        assert not {"\x1b", "\x07"} & {*done.stdout, *done.stderr}, done
