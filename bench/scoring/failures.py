"""Hypotheses that went wrong as a whole: loops and empties."""

from collections.abc import Sequence, Set
from math import ceil

import numpy as np
import numpy.typing as npt

LONGEST_PERIOD = 8
FEWEST_REPEATS = 4
COVERED = 0.5
"""The share of the hypothesis that the repetition of a phrase must cover."""
FEWEST_WORDS, FEWEST_LETTERS = 5, 12
"""Units of a sentence, and characters in them: what is shorter people do say twice."""
ALIKE = 0.8
"""The share of a sentence's units that are the same when it is said again."""
RUNAWAY = 2
"""A hypothesis without an end is a loop beyond this many times the reference's length."""


def is_loop(units: Sequence[str], reference: Sequence[str], ended: bool) -> bool:
    """Whether a hypothesis repeats itself or never ends.

    `units` are its words, or its characters where words are not separated; `reference` those of the reference: what it
    repeats itself counts for nothing. A loop is an n-gram of 1 to 8 units repeated at least 4 times running and
    covering half of the hypothesis; a sentence of 5 units and 12 characters or more that is all of the hypothesis and
    is said twice or oftener, up to a fifth of its units apart; or a hypothesis without an end token that is longer than
    twice the reference. Whisper's own rule, a compression ratio above 2.4, misfires by script: long ordinary Georgian
    exceeds it and short real loops do not.
    """
    if not ended and len(units) > RUNAWAY * len(reference):
        return True
    return _repeats_a_phrase(units, reference) or _repeats_its_sentence(units, reference)


def _repeats_a_phrase(units: Sequence[str], reference: Sequence[str]) -> bool:
    """Whether it says an n-gram over and over, and so much oftener than the reference."""
    all_units = set(units)
    for period in range(1, LONGEST_PERIOD + 1):
        repeated = _longest_repetition(units, period, all_units)
        if _is_most(units, period, len(repeated)):
            own = _longest_repetition(reference, period, set(repeated))
            if _is_most(units, period, len(repeated) - max(0, len(own) - period)):
                return True
    return False


def _is_most(units: Sequence[str], period: int, repeated: int) -> bool:
    repeats = repeated // period
    return repeats >= FEWEST_REPEATS and repeats * period >= COVERED * len(units)


def _longest_repetition(units: Sequence[str], period: int, of: Set[str]) -> Sequence[str]:
    """The longest stretch that says an n-gram of so many of these units twice or oftener; empty where there is none."""
    longest = run = end = 0
    for i in range(period, len(units)):
        run = run + 1 if units[i] == units[i - period] and units[i] in of else 0
        if run > longest:
            longest, end = run, i + 1
    return units[end - longest - period : end] if longest >= period else ()


def _repeats_its_sentence(units: Sequence[str], reference: Sequence[str]) -> bool:
    """Whether all of it is one sentence, said at least once more than in the reference."""
    # What returns is no new unit, so that at most so many are new; most texts end here.
    if len(set(units)) > (1 - ALIKE / 2) * len(units):
        return False
    shortest = max(FEWEST_WORDS, ceil(FEWEST_LETTERS * len(units) / max(1, len("".join(units)))))
    codes = {unit: code for code, unit in enumerate({*units, *reference})}
    said, expected = (np.array([codes[unit] for unit in text], dtype=np.int32) for text in (units, reference))
    return any(
        (returning := _returning(said, period)) >= ALIKE * (len(units) - period)
        and returning - _returning(expected, period) >= ALIKE * period
        for period in range(shortest, len(units) // 2 + 1)
    )


def _returning(units: npt.NDArray[np.int32], period: int) -> int:
    """How many units are what stood a period before."""
    return int(np.count_nonzero(units[period:] == units[:-period]))
