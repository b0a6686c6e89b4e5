"""Utterances under both arms, their alignments, and which of them moved a cost the most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.scoring import DELETION, INSERTION, Metric
from bench.suite import ArmSpec

Clip = tuple[str, str, str]
"""Language, condition and utterance id."""


@dataclass(frozen=True)
class Step:
    """One unit of an alignment (a word, or a character); the side that has none is empty. `edit`: = S D I."""

    edit: str
    reference: str
    hypothesis: str


@dataclass(frozen=True)
class Transcript:
    """What one arm made of an utterance, as it is scored; `edits`: a letter a step of its alignment, = S D I."""

    text: str
    errors: int
    loop: bool
    empty: bool
    edits: str


@dataclass(frozen=True)
class PairedUtterance:
    """One utterance under both arms; `length`: units of its reference."""

    utterance_id: str
    speaker: str
    reference: str
    length: int
    control: Transcript
    converted: Transcript

    @property
    def change(self) -> int:
        """Errors that conversion added."""
        return self.converted.errors - self.control.errors

    @property
    def rates(self) -> tuple[float, float] | None:
        """Errors of control and converted in per cent of the reference's units; None where it has none."""
        if not self.length:
            return None
        return 100 * self.control.errors / self.length, 100 * self.converted.errors / self.length


@dataclass(frozen=True)
class Movement:
    """One arm in one language under one condition, by the primary metric: utterances, the worst first.

    Of `clips` that both arms decoded these are all, or those that moved most, as many of either end.
    """

    arm: ArmSpec
    control: ArmSpec
    language: str
    condition: str
    metric: Metric
    clips: int
    utterances: tuple[PairedUtterance, ...]

    def worse(self, count: int) -> tuple[PairedUtterance, ...]:
        """Those that have more errors than before, the worst first; `count` at most."""
        return tuple(utterance for utterance in self.utterances[:count] if utterance.change > 0)

    def better(self, count: int) -> tuple[PairedUtterance, ...]:
        """Those that have fewer, the best first."""
        return tuple(utterance for utterance in self.utterances[::-1][:count] if utterance.change < 0)


def clips_to_play(movements: Sequence[Movement], count: int) -> list[Clip]:
    """Those that moved most, at most `count` each way in each cell: the most moved of every cell first."""
    moved = [side for movement in movements for side in (movement.worse(count), movement.better(count))]
    cells = [(movement.language, movement.condition) for movement in movements for _ in range(2)]
    ranked = [
        (*cell, side[rank].utterance_id)
        for rank in range(count)
        for cell, side in zip(cells, moved, strict=True)
        if rank < len(side)
    ]
    return list(dict.fromkeys(ranked))


def steps(reference: str, transcript: Transcript, metric: Metric) -> tuple[Step, ...]:
    """The alignment of a transcript with its reference."""
    return tuple(align(units(reference, metric), units(transcript.text, metric), transcript.edits))


def units(text: str, metric: Metric) -> Sequence[str]:
    """What a metric counts: words, or characters without spaces."""
    return text.split() if metric == "wer" else "".join(text.split())


def align(reference: Sequence[str], hypothesis: Sequence[str], edits: str) -> Iterator[Step]:
    """Both sides step by step, as one letter an edit says."""
    left, right = iter(reference), iter(hypothesis)
    for edit in edits:
        yield Step(edit, "" if edit == INSERTION else next(left), "" if edit == DELETION else next(right))
