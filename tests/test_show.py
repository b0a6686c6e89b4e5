"""The utterances that moved a cost, aligned in a terminal."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bench.analysis.alignments import Movement, PairedUtterance, Transcript, units
from bench.reporting.text.terminal import render_movement
from bench.scoring import align_characters, align_words
from bench.suite import ArmSpec
from tests.conftest import Command

ARM, CONTROL = ArmSpec(name="mla", model="m", control="control"), ArmSpec(name="control", model="c")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def movement(reference: str, before: str, after: str, metric: str = "wer", name: str = "clip") -> Movement:
    """One utterance, as it would be read from counts."""
    aligned = align_words if metric == "wer" else align_characters
    sides = []
    for text in (before, after):
        edits = aligned(reference, text)
        sides.append(Transcript(text, len(edits) - edits.count("="), False, not text, edits))
    moved = PairedUtterance(name, "s", reference, len(units(reference, metric)), *sides)
    return Movement(ARM, CONTROL, "en", "clean", metric, 1, (moved,))


def test_edits_stand_under_what_they_are_of() -> None:
    shown = render_movement(movement("one two three", "one two three", "one too three four"), 1).splitlines()
    assert shown[4] == "clip, speaker s: 0 -> 2 errors (+2) of 3"
    assert shown[-3:] == [
        "  REF  one two three ****",
        "  mla  one too three four",
        "           S         I",
    ]


def test_empty_and_looping_transcripts_are_marked() -> None:
    assert "mla [empty]" in render_movement(movement("one two", "one two", ""), 1)


@given(reference=TEXT, before=TEXT, after=TEXT, metric=st.sampled_from(["wer", "cer"]), name=TEXT)
def test_whatever_was_said_stays_aligned_and_on_its_lines(
    reference: str, before: str, after: str, metric: str, name: str
) -> None:
    """Wide and combining characters, controls, overrides of direction: nothing that a terminal obeys is printed."""
    moved = movement(reference, before, after, metric, name)
    shown = render_movement(moved, 1)
    assert all(unicodedata.category(letter) != "Cc" or letter == "\n" for letter in shown)
    assert not set("\u202e\u2066\u2028\u2029") & set(shown)
    lines = shown.split("\n")
    references = [line for line in lines if line.startswith("  REF")]
    assert (len(references) >= 2) == (moved.utterances[0].change != 0)
    assert all(cell_len(line) <= 160 for line in references)


def test_as_typed(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    assert "nothing decoded yet; run `bench run`" in bench("show", suite_file, "--language", "de").stderr
    assert bench("run", suite_file).returncode == 0
    shown = bench("show", suite_file, "--language", "de", "--worst", "2")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("de, clean: converted against control, 6 clips, errors in words")
    counts = pd.read_parquet(tmp_path / "results" / "mine" / "counts.parquet")
    counts["errors"] = counts["wer_edits"].str.count("[SDI]")
    errors = counts[counts["language"] == "de"].pivot_table(index="utterance_id", columns="arm", values="errors")
    change = errors["converted"] - errors["control"]
    heads = [line for line in shown.stdout.splitlines() if "errors (" in line]
    assert len([line for line in heads if "(+" in line]) == min(2, int((change > 0).sum()))
    assert len([line for line in heads if "(-" in line]) == min(2, int((change < 0).sum()))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--language", "fr"], "no cell fr/clean; its languages are en, de, its conditions clean"),
        (["--language", "de", "--condition", "white@0"], "no cell de/white@0"),
        (["--language", "de", "--arm", "control"], "name one of the suite's converted arms: converted"),
    ],
)
def test_what_is_not_there(options: list[str], complaint: str, bench: Command, suite_file: Path) -> None:
    bench("run", suite_file)
    refused = bench("show", suite_file, *options)
    assert refused.returncode == 2
    assert complaint in refused.stderr
