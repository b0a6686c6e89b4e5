"""The Open ASR Leaderboard: its predictions as its scripts write them, and its figures by its published rules."""

import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jiwer
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bench as api
from bench.comparing.counting import count_decodes
from bench.errors import BenchError
from bench.scoring import ErrorCounts, make_normalizer, make_scorer, normalizer_version
from bench.scoring.compounds import align_merging
from bench.store import Store
from tests.conftest import Command
from tests.stored import decoded, make_suite, stored_tables
from tests.test_commands import one_line_error

IGNORED = "ignore time segment in scoring"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mr. Smith won't; it's what they'd got. John's", "mister smith will not it is what they would got john s"),
        ("Colour, organised; a travelogue, CANCELLED, travelog.", "color organized a travelog canceled travelog"),
        ("Archaeology's archaeological flyer, snowploughs, OK", "archeology s archeological flier snowplows okay"),
        ("Um, uhhh… Mm-hmm! Ah-ha, er, I am (laughs) [noise] a <unk> human.", "i am a human"),
        ("thirty-five mm", "35"),
        ("a 35mm film", "a 35 hmm film"),
        ("Half past two, quarter to one o'clock, ten minutes before 12", "2 30 12 45 11 50"),
        ("At 05:00, 10:30, nine o’clock, 24:00 and 7:60", "at 5 10 30 9 24 0 and 7 60"),
        ("three minutes to zero o'clock", "23 57"),
        ("Oh no, call oh seven nine at four oh one; oh dear, double oh seven!", "oh no call 079 at 401 oh dear 007"),
        ("Ooooh, it is ohhh two, and three point oh five or two oh", "oh it is oh 2 and 3.05 or 2 oh"),
        ("wi-fi, e mail, al right, how ever, et cetera, O.K., 5 p.m.", "wifi email alright however etc okay 5 pm"),
        ("the B. B. C. of the U.S.A. on 5 G: one man and an A.I.", "the bbc of the usa on 5g one man and an a i"),
        ("Geoffrey MacDonald, Alan and Kathryn", "jeffrey mcdonald allen and catherine"),
        ("$5.50 or 20 %, 1,000 or five dollars and ten cents or twenty per cent.", "$5.50 or 20 1000 or $5.10 or 20%"),
        ("Café naïve ß", "cafe naive ss"),
        ("...", ""),
    ],
)  # fmt: skip
def test_the_published_rules_one_by_one(written: str, expected: str) -> None:
    assert make_normalizer("open-asr")(written, "en") == expected


# What a compound costs, said again: an oracle that knows nothing of kaldialign.


def fewest_edits(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Substitutions, deletions and insertions, where words of one side that join to one of the other cost nothing."""

    @cache
    def cost(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        ways = [cost(i - 1, j) + 1, cost(i, j - 1) + 1, cost(i - 1, j - 1) + (reference[i - 1] != hypothesis[j - 1])]
        ways += [cost(i - n, j - 1) for n in range(2, i + 1) if "".join(reference[i - n : i]) == hypothesis[j - 1]]
        ways += [cost(i - 1, j - n) for n in range(2, j + 1) if "".join(hypothesis[j - n : j]) == reference[i - 1]]
        return min(ways)

    return cost(len(reference), len(hypothesis))


WORDS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "aba", "abab", "c"]), max_size=7)


@given(WORDS, WORDS)
def test_merging_finds_the_fewest_edits_over_the_references_own_words(reference: list[str], said: list[str]) -> None:
    divided, edits = align_merging(" ".join(reference), " ".join(said))
    counts = ErrorCounts.of_edits(edits)
    assert counts.errors == fewest_edits(reference, said)
    assert counts.length == len(reference)
    assert len(divided.split()) == len(edits) - counts.deletions
    assert "".join(divided.split()) == "".join(said)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "divided", "edits"),
    [
        ("white paper", "whitepaper", "white paper", "=="),
        ("whitepaper", "white paper", "whitepaper", "="),
        ("the white paper is out", "the whitepaper was", "the white paper was", "===SD"),
        ("one", "one", "one", "="),
        ("", "uh huh", "uh huh", "II"),
        ("web site", "", "", "DD"),
    ],
)
def test_hypotheses_are_divided_as_the_reference_is(reference: str, hypothesis: str, divided: str, edits: str) -> None:
    assert align_merging(reference, hypothesis) == (divided, edits)


# A sample as the leaderboard makes one: a data set filtered, decoded by two models, written, scored.

DATA_SET = [
    ("The white paper, um, costs $5.", "the white paper costs $5"),
    ("We colour twenty web sites at half past ten.", "we color 20 web sites at 10 30"),
    ("[noise]", ""),
    ("Dr. Geoffrey's e-mail is all right.", "doctor jeffrey s email is alright"),
    (IGNORED, IGNORED),
    ("It's a notebook, isn't it?", "it is a notebook is not it"),
    ("Um, uh...", ""),
    ("Oh, the B.B.C. cancelled the programme", "oh the bbc canceled the program"),
]
"""References as they are written, and by the published rules."""
CONTROL = {
    0: ("the whitepaper costs five dollars", "the white paper costs $5"),
    1: ("We color 20 websites at 10:30", "we color 20 web sites at 10 30"),
    3: ("Doctor Jeffreys email is alright", "doctor jeffrey s email is alright"),
    5: ("it's a note book isnt it", "it is a notebook isnt it"),
    7: ("oh the bbc canceled a program", "oh the bbc canceled a program"),
}
CONVERTED = {
    0: ("The white papers cost $5.", "the white papers cost $5"),
    1: ("we colour 20 web sites at ten thirty", "we color 20 web sites at 10 30"),
    3: ("", ""),
    5: ("It is a notebook, is not it, huh?", "it is a notebook is not it"),
    7: ("Oh, oh, the b b c cancelled the program", "oh oh the bbc canceled the program"),
}
"""Predictions as they are written; and by the published rules, divided into words as the reference is."""


def write_predictions(path: Path, predictions: dict[int, tuple[str, str]], raw: bool = True) -> Path:
    """What the scripts write of a data set: rows whose reference says something, with times, and no speakers."""
    rows = [
        {"audio_filepath": f"sample_{place}", "duration": 2.5, "time": 0.01, "text": text if raw else normalized}
        | {"pred_text": predictions[place][0]}
        for place, (text, normalized) in enumerate(DATA_SET)
        if normalized.strip() not in {"", IGNORED}
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def published(predictions: dict[int, tuple[str, str]]) -> float:
    """The leaderboard's figure, by jiwer: per cent with two places."""
    references = [DATA_SET[place][1] for place in predictions]
    return round(100 * jiwer.wer(references, [divided for _, divided in predictions.values()]), 2)


def test_the_leaderboards_own_figures(bench: Command, tmp_path: Path) -> None:
    files = [
        write_predictions(tmp_path / f"{name}.jsonl", of)
        for name, of in {"control": CONTROL, "converted": CONVERTED}.items()
    ]
    done = bench("compare", *files, "--normalizer", "open-asr", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    assert "rates are over the reference's own words, the same for all sides" in done.stderr
    result = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    sides = {"control": CONTROL, "converted": CONVERTED}
    assert {side: round(result[side]["rate"], 2) for side in sides} == {
        side: published(of) for side, of in sides.items()
    }
    by_counting = {
        side: sum(
            fewest_edits(DATA_SET[place][1].split(), make_normalizer("open-asr")(text, "en").split())
            for place, (text, _) in of.items()
        )
        for side, of in sides.items()
    }
    assert {side: result[side]["errors"] for side in sides} == by_counting
    words = sum(len(DATA_SET[place][1].split()) for place in CONTROL)
    assert [result[side]["length"] for side in sides] == [words, words]
    assert f"|norm:{normalizer_version('open-asr')}|" in f"|{result['signature']}|"


def test_without_the_leaderboards_rules_the_figures_are_others(bench: Command, tmp_path: Path) -> None:
    files = [write_predictions(tmp_path / f"{i}.jsonl", of) for i, of in enumerate((CONTROL, CONVERTED))]
    rates = []
    for name in ("open-asr", "whisper-english", "multilingual"):
        assert bench("compare", *files, "--normalizer", name, "--json", "out.json").returncode == 0
        rates.append(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["control"]["rate"])
    assert rates[0] < rates[1] < rates[2]


def test_an_empty_reference_that_is_scored_all_the_same_has_insertions_alone() -> None:
    result = api.compare(
        ["um"] + ["yes sir"] * 20, ["well then"] + ["yes sir"] * 20, ["uh"] + ["yes"] * 20, normalizer="open-asr"
    )
    counts = result.comparison.control_result.counts
    assert (counts.insertions, counts.errors, counts.length) == (2, 2, 40)
    assert result.comparison.result.counts.errors == 20
    assert any("the same for all sides" in caution for caution in result.cautions)


def test_references_normalised_by_the_scripts_give_the_same_figures(bench: Command, tmp_path: Path) -> None:
    found = []
    for raw in (True, False):
        files = [write_predictions(tmp_path / f"{i}.jsonl", of, raw) for i, of in enumerate((CONTROL, CONVERTED))]
        assert bench("compare", *files, "--normalizer", "open-asr", "--json", "out.json").returncode == 0
        found.append(json.loads((tmp_path / "out.json").read_text(encoding="utf-8")))
    for key in ("control", "converted", "delta", "ci", "p"):
        assert found[0][key] == found[1][key]


def test_a_folder_of_data_sets_is_a_comparison_each(bench: Command, tmp_path: Path) -> None:
    for model, predictions in {"a": CONTROL, "b": CONVERTED}.items():
        (tmp_path / model).mkdir()
        for name in ("hf-audio-x_ami_test", "hf-audio-x_earnings22_test"):
            write_predictions(tmp_path / model / f"MODEL_org-{model}_DATASET_{name}.jsonl", predictions)
    done = bench("compare", "a", "b", "--normalizer", "open-asr", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    results: list[Any] = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [result["condition"] for result in results] == ["hf-audio-x_ami_test", "hf-audio-x_earnings22_test"]
    assert {round(result["control"]["rate"], 2) for result in results} == {published(CONTROL)}
    write_predictions(tmp_path / "b" / "MODEL_org-c_DATASET_hf-audio-x_ami_test.jsonl", CONTROL)
    assert "sample_0 stands there twice" in one_line_error(bench("compare", "a", "b"))


def test_rows_of_another_order_are_not_paired_by_their_place(bench: Command, tmp_path: Path) -> None:
    control, converted = (write_predictions(tmp_path / f"{i}.jsonl", of) for i, of in enumerate((CONTROL, CONVERTED)))
    rows = [json.loads(line) for line in converted.read_text(encoding="utf-8").splitlines()]
    names = [row["audio_filepath"] for row in rows]
    moved = [{**row, "audio_filepath": name} for row, name in zip(reversed(rows), names, strict=True)]
    converted.write_text("".join(json.dumps(row) + "\n" for row in moved), encoding="utf-8")
    assert "the references of sample_0" in one_line_error(bench("compare", control, converted))


def test_chunks_of_a_session_are_refused(bench: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    chunk = {"audio_filepath": "s-0", "text": "one two three", "pred_text": "one", "parent_id": "s", "chunk_index": 0}
    file.write_text(json.dumps(chunk) + "\n", encoding="utf-8")
    assert "a.jsonl: line 1 is a chunk" in one_line_error(bench("compare", file, file))


def test_a_suite_is_scored_by_it(tmp_path: Path) -> None:
    """Two arms divide words otherwise: one reference, one length, and no cost from that."""
    arms = [{"name": "control"}, {"name": "mla", "control": "control"}]
    suite = make_suite(arms, ["en"], scoring={"normalizer": "multilingual", "sensitivity": "open-asr"})
    rows = {name: decoded(name, "en", [0] * 30) for name in ("control", "mla")}
    for name, said in {"control": "the white paper", "mla": "the whitepaper"}.items():
        rows[name] = rows[name].assign(reference="the white paper", hypothesis=said)
    comparisons = stored_tables(suite, rows.values(), tmp_path)["comparisons"]
    assert set(comparisons["delta"]) != {0.0}
    by_leaderboard = suite.model_copy(update={"scoring": suite.scoring.model_copy(update={"normalizer": "open-asr"})})
    stored_tables(by_leaderboard, rows.values(), tmp_path / "leaderboard")
    counts = pd.read_parquet(Store(tmp_path / "leaderboard" / "stored").counts_path)
    assert set(counts["normalized_reference"]) == set(counts["normalized_hypothesis"]) == {"the white paper"}
    assert set(counts["wer_edits"]) == {"==="}


def test_normalised_references_are_those_of_any_hypothesis() -> None:
    rows = decoded("control", "en", [0, 1, 2]).assign(
        reference="Web-site, um!", hypothesis=["website", "web", "site web"]
    )
    counts = count_decodes(rows, make_scorer("open-asr"), ())
    assert set(counts["normalized_reference"]) == {"web site"}
    assert list(counts["normalized_hypothesis"]) == ["web site", "web", "site web"]
    assert [ErrorCounts.of_edits(edits).length for edits in counts["wer_edits"]] == [2, 2, 2]


@pytest.mark.parametrize("package", ["kaldialign", "whisper_normalizer"])
def test_what_is_missing_is_said_in_one_line(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.scoring import open_asr

    open_asr._spellings.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BenchError, match=r"pip install whisper-mla-bench\[open-asr\]"):
        normalizer_version("open-asr")


def test_the_signature_moves_with_what_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    before = normalizer_version("open-asr")
    monkeypatch.setattr("bench.scoring.scorers.MERGING", set())
    assert normalizer_version("open-asr") != before
