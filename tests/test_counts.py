"""Error counts: their algebra by property, the counts themselves against a literal edit distance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scoring import ErrorCounts, align_characters, align_words

words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8)


def count_word_errors(reference: str, hypothesis: str) -> ErrorCounts:
    return ErrorCounts.of_edits(align_words(reference, hypothesis))


def count_character_errors(reference: str, hypothesis: str) -> ErrorCounts:
    return ErrorCounts.of_edits(align_characters(reference, hypothesis))


@st.composite
def error_counts(draw: st.DrawFn) -> ErrorCounts:
    length = draw(st.integers(0, 50))
    substitutions = draw(st.integers(0, length))
    deletions = draw(st.integers(0, length - substitutions))
    return ErrorCounts(substitutions, deletions, draw(st.integers(0, 50)), length)


def edit_distance(reference: list[str], hypothesis: list[str]) -> int:
    """The textbook recurrence, row by row."""
    row = list(range(len(hypothesis) + 1))
    for i, unit in enumerate(reference, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(hypothesis, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (unit != other))
    return row[-1]


@given(error_counts(), error_counts(), error_counts())
def test_addition_is_a_commutative_monoid(a: ErrorCounts, b: ErrorCounts, c: ErrorCounts) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + ErrorCounts.none() == a
    assert (a + b).errors == a.errors + b.errors
    assert (a + b).hits == a.hits + b.hits


@given(words, words)
def test_errors_are_the_edit_distance(reference: list[str], hypothesis: list[str]) -> None:
    counts = count_word_errors(" ".join(reference), " ".join(hypothesis))
    assert counts.errors == edit_distance(reference, hypothesis)
    assert counts.length == len(reference)
    assert counts.insertions - counts.deletions == len(hypothesis) - len(reference)


@given(words, words)
def test_characters_of_one_letter_words_are_the_words(reference: list[str], hypothesis: list[str]) -> None:
    as_words = count_word_errors(" ".join(reference), " ".join(hypothesis))
    assert count_character_errors(" ".join(reference), "".join(hypothesis)).errors == as_words.errors


def test_empty_sides_are_defined() -> None:
    assert count_word_errors("", "a b") == ErrorCounts(0, 0, 2, 0)
    assert count_word_errors("a b", "") == ErrorCounts(0, 2, 0, 2)
    assert count_word_errors("", "") == ErrorCounts.none()
    assert ErrorCounts.none().rate is None


def test_the_corpus_rate_is_not_the_mean_of_rates() -> None:
    short, long = count_word_errors("a", "b"), count_word_errors("a b c d e f g h i", "a b c d e f g h i")
    assert (short + long).rate == pytest.approx(10.0)


@pytest.mark.parametrize("counts", [(-1, 0, 0, 3), (2, 2, 0, 3)])  # a negative count, more edits than units
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"negative|more substitutions"):
        ErrorCounts(*counts)
