"""Minimum-edit alignments by jiwer, written as one letter an edit: what counts and segments are made from.

jiwer is imported where it is used: reports of memory are rendered on machines that score nothing.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from bench.scoring.metrics import characters_of, words_of

RIGHT, SUBSTITUTION, DELETION, INSERTION = "=", "S", "D", "I"
LETTERS = {"equal": RIGHT, "substitute": SUBSTITUTION, "delete": DELETION, "insert": INSERTION}

SEPARATOR = "\x1f"
"""Stands between units handed to jiwer; Python's split treats it as a space, so no unit can hold one."""


@cache
def _split() -> Any:
    import jiwer

    return jiwer.Compose([jiwer.ReduceToListOfListOfWords(SEPARATOR)])


def align_words(reference: str, hypothesis: str) -> str:
    """The edits that turn the words of one normalised string into those of another, in order."""
    return _align(words_of(reference), words_of(hypothesis))


def align_characters(reference: str, hypothesis: str) -> str:
    """The edits that turn the code points of one normalised string into those of another, in order; spaces left out."""
    return _align(characters_of(reference), characters_of(hypothesis))


def _align(reference: Sequence[str], hypothesis: Sequence[str]) -> str:
    """The edits between two lists of units; jiwer is asked only where more than one alignment is possible."""
    if reference == hypothesis:
        return RIGHT * len(reference)
    if not reference or not hypothesis:
        return DELETION * len(reference) + INSERTION * len(hypothesis)
    import jiwer

    output = jiwer.process_words(SEPARATOR.join(reference), SEPARATOR.join(hypothesis), _split(), _split())
    return "".join(
        LETTERS[chunk.type] * max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
        for chunk in output.alignments[0]
    )
