"""Error counts of one metric: the sufficient statistics of a corpus error rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bench.scoring.alignment import DELETION, INSERTION, SUBSTITUTION


@dataclass(frozen=True)
class ErrorCounts:
    """Edits that turn a reference into a hypothesis, and the reference's length, in words or in characters.

    Counts are pooled by addition and by nothing else: the rate of a sum is the corpus rate, whereas a mean of rates,
    which this type has no way to express, is not.
    """

    substitutions: int
    deletions: int
    insertions: int
    length: int

    def __post_init__(self) -> None:
        if min(self.substitutions, self.deletions, self.insertions, self.length) < 0:
            raise ValueError(f"counts cannot be negative: {self}")
        if self.substitutions + self.deletions > self.length:
            raise ValueError(f"more substitutions and deletions than reference units: {self}")

    @classmethod
    def none(cls) -> ErrorCounts:
        """No reference and no errors: the neutral element of addition."""
        return cls(0, 0, 0, 0)

    @classmethod
    def of_edits(cls, edits: str) -> ErrorCounts:
        """The counts of one alignment, as `bench.scoring.alignment` writes it."""
        insertions = edits.count(INSERTION)
        return cls(edits.count(SUBSTITUTION), edits.count(DELETION), insertions, len(edits) - insertions)

    @classmethod
    def pooled(cls, counts: Iterable[ErrorCounts]) -> ErrorCounts:
        """The sum of any number of counts; `none` of none."""
        return sum(counts, cls.none())

    @property
    def hits(self) -> int:
        return self.length - self.substitutions - self.deletions

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per reference unit, in per cent; None where there is no reference to divide by."""
        return 100 * self.errors / self.length if self.length else None

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        return ErrorCounts(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.length + other.length,
        )
