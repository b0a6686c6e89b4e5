"""MAPSSWE: segments against a literal reading of the rule, NIST's own example, and sc_stats on real pairs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.scoring import ErrorCounts, align_as_sclite, align_words
from bench.stats import mapsswe, segment_differences

LETTERS = {"C": "=", "S": "S", "D": "D", "I": "I"}


@st.composite
def alignment_pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two alignments with the same reference."""
    length = draw(st.integers(0, 8))

    def one() -> str:
        words = [draw(st.sampled_from("====SD")) for _ in range(length)]
        gaps = [draw(st.sampled_from(["", "", "", "I", "II"])) for _ in range(length + 1)]
        return gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=True))

    return one(), one()


def literal_segments(control: str, converted: str) -> list[int]:
    """Word by word, as the rule reads: returns converted - control errors of every segment."""

    def parse(edits: str) -> tuple[list[int], list[int]]:
        gaps, words = [0], []
        for letter in edits:
            if letter == "I":
                gaps[-1] += 1
            else:
                words.append(letter != "=")
                gaps.append(0)
        return gaps, words

    (gaps_a, words_a), (gaps_b, words_b) = parse(control), parse(converted)
    segments: list[int] = []
    is_open, right = False, 0

    def add(a: int, b: int) -> None:
        nonlocal is_open, right
        if a or b:
            if not is_open:
                segments.append(0)
                is_open = True
            segments[-1] += b - a
            right = 0

    for i in range(len(words_a)):
        add(gaps_a[i], gaps_b[i])
        add(words_a[i], words_b[i])
        if not (words_a[i] or words_b[i]):
            right += 1
            if right >= 2:
                is_open = False
    add(gaps_a[-1], gaps_b[-1])
    return segments


@given(st.lists(alignment_pairs(), max_size=6))
def test_segments_are_the_rule_read_literally(pairs: list[tuple[str, str]]) -> None:
    expected = [difference for control, converted in pairs for difference in literal_segments(control, converted)]
    found = segment_differences([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    assert found.tolist() == expected


@given(st.lists(alignment_pairs(), min_size=1, max_size=6))
def test_segments_hold_every_error_and_swap(pairs: list[tuple[str, str]]) -> None:
    control, converted = ([pair[side] for pair in pairs] for side in (0, 1))
    errors = [sum(len(edits) - edits.count("=") for edits in side) for side in (control, converted)]
    found = segment_differences(control, converted)
    assert found.sum() == errors[1] - errors[0]
    assert (segment_differences(converted, control) == -found).all()


def test_unequal_references_are_refused() -> None:
    with pytest.raises(ValueError, match="same references"):
        segment_differences(["=="], ["="])


def test_the_statistic_is_a_one_sample_z() -> None:
    differences = np.array([1, 0, 2, -1, 1, 1, 0, 3])
    result = mapsswe(differences)
    t = stats.ttest_1samp(differences, 0)
    assert result.z == pytest.approx(t.statistic)
    assert result.p == pytest.approx(2 * stats.norm.sf(abs(t.statistic)))


def test_degenerate_segments_are_defined() -> None:
    assert mapsswe([]).p == mapsswe([0, 0]).p == 1.0
    assert np.isnan(mapsswe([1]).z)
    assert np.isnan(mapsswe([1, 1, 1]).p)


def read_sgml(path: Path) -> list[str]:
    """The edits of sclite's alignments."""
    paths = re.findall(r"<PATH .*?>\n(.*?)\n</PATH>", path.read_text(encoding="utf-8"), re.DOTALL)
    return ["".join(LETTERS[entry[0]] for entry in text.split(":") if entry) for text in paths]


def test_nists_example(data_folder: Path) -> None:
    """`sc_stats` on its two alignments: 3 segments, mean 0.667, sd 0.577, z 2.000; swapped, minus."""
    folder = data_folder / "pairs" / "sctk"
    for name, (first, second) in {"test1a": ("file1", "file2"), "test1b": ("file2", "file1")}.items():
        report = (folder / "base_sc_stats" / f"{name}.stats.mapsswe").read_text(encoding="utf-8")
        segments = int(re.findall(r"# segs: (\d+)", report)[0])
        mean, sd, z = (float(re.findall(rf"{key}: (\S+?)\)", report)[0]) for key in ("mean", "std dev", "Z Stat"))
        differences = segment_differences(read_sgml(folder / f"{second}.sgml"), read_sgml(folder / f"{first}.sgml"))
        result = mapsswe(differences)
        assert result.segments == segments
        assert (result.mean, result.sd, result.z) == pytest.approx((mean, sd, z), abs=5e-4)


def read_trn(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line[line.rindex("(") + 1 : -1]: line[: line.rindex("(")].strip() for line in lines}


PAIRS = {
    "fleurs_ca": ("small", "medium"),
    "pocketsphinx_fsdd_clean": ("ps_loop", "ps_single"),
    "pocketsphinx_fsdd_10": ("ps_loop", "ps_single"),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_sc_stats_on_real_pairs(data_folder: Path, pair: str) -> None:
    """Every kind of edit as sclite counts it; segments, mean, deviation and z to the digits that sc_stats prints."""
    folder, sides = data_folder / "pairs" / "sctk_reports", PAIRS[pair]
    report = json.loads((folder / "summary.json").read_text(encoding="utf-8"))[pair]
    reference = read_trn(folder / pair / "ref.trn")
    edits = {}
    for name in sides:
        hypothesis = read_trn(folder / pair / f"{name}.trn")
        texts = [(text, hypothesis[clip]) for clip, text in reference.items()]
        words = ([pair[side].split() for pair in texts] for side in (0, 1))
        edits[name] = align_as_sclite(*words, [align_words(*pair) for pair in texts])
        counts, theirs = ErrorCounts.of_edits("".join(edits[name])), report["systems"][name]
        assert [counts.substitutions, counts.deletions, counts.insertions, counts.errors, counts.length] == [
            theirs[count] for count in ("sub", "del", "ins", "err", "words")
        ]
    result, theirs = mapsswe(segment_differences(edits[sides[1]], edits[sides[0]])), report["pairs"][" vs ".join(sides)]
    assert result.segments == theirs["mapsswe"]["segments"]
    found, printed = ([of[name] for name in ("mean", "sd", "z")] for of in (vars(result), theirs["mapsswe"]))
    assert found == pytest.approx(printed, abs=5e-4)
