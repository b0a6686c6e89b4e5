"""Hypotheses that went wrong as a whole: loops and empties."""

from collections.abc import Sequence

LONGEST_PERIOD = 8
FEWEST_REPEATS = 4
COVERED = 0.5
"""The share of the hypothesis that the repetition must cover."""
RUNAWAY = 2
"""A hypothesis without an end is a loop beyond this many times the reference's length."""


def is_loop(units: Sequence[str], reference_length: int, ended: bool) -> bool:
    """Whether a hypothesis repeats itself or never ends.

    `units` are its words, or its characters where words are not separated. A loop is an n-gram of 1 to 8 units repeated
    at least 4 times running and covering half of the hypothesis, or a hypothesis without an end token that is longer
    than twice the reference. Whisper's own rule, a compression ratio above 2.4, misfires by script: long ordinary
    Georgian exceeds it and short real loops do not.
    """
    if not ended and len(units) > RUNAWAY * reference_length:
        return True
    return any(_longest_run(units, period) >= COVERED * len(units) for period in range(1, LONGEST_PERIOD + 1))


def _longest_run(units: Sequence[str], period: int) -> float:
    """The units that the longest repetition of an n-gram of that length covers; -infinity with too few repeats."""
    longest = run = 0
    for i in range(period, len(units)):
        run = run + 1 if units[i] == units[i - period] else 0
        longest = max(longest, run)
    repeats = longest // period + 1
    return repeats * period if repeats >= FEWEST_REPEATS else float("-inf")
