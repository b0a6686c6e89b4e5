"""The two error rates, and the units that each counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

Metric = Literal["wer", "cer"]
METRICS: tuple[Metric, ...] = ("wer", "cer")
"""Word error rate and character error rate, in the order in which they are reported."""


def words_of(text: str) -> list[str]:
    """The words of a normalised text."""
    return text.split()


def characters_of(text: str) -> str:
    """The code points of a normalised text; spaces left out."""
    return "".join(text.split())


UNITS: Mapping[Metric, Callable[[str], Sequence[str]]] = {"wer": words_of, "cer": characters_of}
"""By metric, what makes the units of a normalised text."""
