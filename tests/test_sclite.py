"""Alignments as sclite makes them: its rule word by word, and what any alignment must be."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring import ErrorCounts, align_as_sclite, align_words, sclite
from tests.test_counts import edit_distance

texts = st.lists(st.sampled_from("abc"), max_size=9)
pairs = st.lists(st.tuples(texts, texts), max_size=8)


def literal_alignment(reference: list[str], hypothesis: list[str]) -> str:
    """The rule: 4 for a substitution, 3 for the others; of steps that cost the same a pair, then an insertion."""
    cost = [[3 * (i + j) for j in range(len(hypothesis) + 1)] for i in range(len(reference) + 1)]
    last = [["I" if j else "D" for j in range(len(hypothesis) + 1)] for _ in range(len(reference) + 1)]
    for j in range(len(hypothesis) + 1):
        last[0][j] = "I"
    for i, unit in enumerate(reference, start=1):
        for j, other in enumerate(hypothesis, start=1):
            wrong = unit != other
            steps = [
                (cost[i - 1][j - 1] + 4 * wrong, 0, "S" if wrong else "="),
                (cost[i][j - 1] + 3, 1, "I"),
                (cost[i - 1][j] + 3, 2, "D"),
            ]
            cost[i][j], _, last[i][j] = min(steps)
    i, j, edits = len(reference), len(hypothesis), ""
    while i or j:
        edits = last[i][j] + edits
        i, j = i - (edits[0] != "I"), j - (edits[0] != "D")
    return edits


def align(pairs: Sequence[tuple[list[str], list[str]]]) -> list[str]:
    """From whatever alignment has the fewest edits."""
    edits = [align_words(" ".join(reference), " ".join(hypothesis)) for reference, hypothesis in pairs]
    return align_as_sclite([reference for reference, _ in pairs], [hypothesis for _, hypothesis in pairs], edits)


@given(pairs)
def test_the_rule_read_literally(pairs: list[tuple[list[str], list[str]]]) -> None:
    assert align(pairs) == [literal_alignment(*pair) for pair in pairs]


@given(pairs)
def test_from_whatever_alignment(pairs: list[tuple[list[str], list[str]]]) -> None:
    """Deleting all and inserting all bounds nothing."""
    references, hypotheses = ([pair[side] for pair in pairs] for side in (0, 1))
    edits = ["D" * len(reference) + "I" * len(hypothesis) for reference, hypothesis in pairs]
    assert align_as_sclite(references, hypotheses, edits) == align(pairs)


@given(pairs)
def test_an_alignment_is_one_of_those_texts(pairs: list[tuple[list[str], list[str]]]) -> None:
    for edits, (reference, hypothesis) in zip(align(pairs), pairs, strict=True):
        assert (len(edits) - edits.count("I"), len(edits) - edits.count("D")) == (len(reference), len(hypothesis))
        counts, fewest = ErrorCounts.of_edits(edits), edit_distance(reference, hypothesis)
        assert fewest <= counts.errors
        assert 4 * counts.substitutions + 3 * (counts.deletions + counts.insertions) <= 4 * fewest


@given(pairs)
def test_what_is_aligned_together_changes_nothing(pairs: list[tuple[list[str], list[str]]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sclite, "MOST_PLACES", 120)
        assert align(pairs) == [align([pair])[0] for pair in pairs]


@pytest.mark.parametrize(
    ("reference", "hypothesis", "edits"),
    [
        ("a b c", "a b c a b c", "III==="),  # said twice: the second time counts
        ("a b", "b c", "D=I"),  # two substitutions are fewer, one right word is cheaper
        ("a b c", "a c", "=D="),
        ("a", "b c", "IS"),
        ("a b", "c", "DS"),
        ("", "a", "I"),
        ("a", "", "D"),
        ("", "", ""),
        ("a b", "a b", "=="),
    ],
)
def test_choices(reference: str, hypothesis: str, edits: str) -> None:
    assert align([(reference.split(), hypothesis.split())]) == [edits]
