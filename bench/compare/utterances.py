"""The utterances that moved a cost the most, each way, with their alignments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.protocol import METRICS, Protocol
from bench.errors import BenchError
from bench.frames import records
from bench.scoring import DELETION, INSERTION
from bench.store import Store
from bench.suite import ArmSpec, Suite

CELL = ["arm", "seed", "language", "condition"]
MEASURED = [f"{metric}_{name}" for metric in METRICS for name in ("errors", "length", "edits")]
TEXTS = ["utterance_id", "speaker_id", "normalized_reference", "normalized_hypothesis", "loop", "empty", "audio_status"]

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
class Moved:
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
    """One arm in one language under one condition, by the primary metric: every utterance, the worst first."""

    arm: ArmSpec
    control: ArmSpec
    language: str
    condition: str
    metric: str
    utterances: tuple[Moved, ...]

    def worse(self, count: int) -> tuple[Moved, ...]:
        """Those that have more errors than before, the worst first; `count` at most."""
        return tuple(each for each in self.utterances[:count] if each.change > 0)

    def better(self, count: int) -> tuple[Moved, ...]:
        """Those that have fewer, the best first."""
        return tuple(each for each in self.utterances[::-1][:count] if each.change < 0)


def read_movement(suite: Suite, store: Store, arm: ArmSpec, language: str, condition: str) -> Movement:
    """Of one cell. Raises BenchError where nothing is counted yet, or of no such cell."""
    if language not in suite.languages or condition not in {each.name for each in suite.conditions}:
        conditions = ", ".join(each.name for each in suite.conditions)
        raise BenchError(
            f"suite {suite.name}: no cell {language}/{condition}; its languages are {', '.join(suite.languages)}, its "
            f"conditions {conditions}"
        )
    counts = store.read_table(store.counts_path, [*CELL, *TEXTS, *MEASURED])
    return _movement(suite, counts, arm, language, condition)


def read_movements(suite: Suite, store: Store) -> Iterator[Movement]:
    """Of every converted arm under every condition in every language."""
    counts = store.read_table(store.counts_path, [*CELL, *TEXTS, *MEASURED])
    cells = dict(iter(counts.groupby(["language", "condition"], sort=False)))
    for arm in suite.arms:
        for condition in suite.conditions:
            for language in suite.languages:
                if arm.control is not None:
                    yield _movement(suite, cells[language, condition.name], arm, language, condition.name)


def _movement(suite: Suite, counts: pd.DataFrame, arm: ArmSpec, language: str, condition: str) -> Movement:
    control = suite.control_of(arm)
    if control is None:
        raise BenchError(f"arm {arm.id} is a control: nothing moved; name a converted one")
    metric = Protocol.of(suite).primary(language)
    cell = counts[(counts["language"] == language) & (counts["condition"] == condition)]
    before, after = (_side(cell, each, metric) for each in (control, arm))
    both = before.merge(after, on="utterance_id", suffixes=("_control", "_converted"), validate="one_to_one")
    moved = sorted((_moved(row) for row in records(both)), key=lambda each: (-each.change, each.utterance_id))
    return Movement(arm, control, language, condition, metric, tuple(moved))


def _side(cell: pd.DataFrame, arm: ArmSpec, metric: str) -> pd.DataFrame:
    rows = rows_of(cell, arm)
    rows = rows[rows["audio_status"] != "unreadable"]
    measured = {f"{metric}_{name}": name for name in ("errors", "length", "edits")}
    return rows[[*TEXTS, *measured]].rename(columns=measured)


def _moved(row: dict[str, Any]) -> Moved:
    return Moved(
        row["utterance_id"],
        row["speaker_id_control"],
        row["normalized_reference_control"],
        int(row["length_control"]),
        _transcript(row, "control"),
        _transcript(row, "converted"),
    )


def _transcript(row: dict[str, Any], side: str) -> Transcript:
    loop, empty = (bool(row[f"{flag}_{side}"]) for flag in ("loop", "empty"))
    text, edits = row[f"normalized_hypothesis_{side}"], row[f"edits_{side}"]
    return Transcript(text, int(row[f"errors_{side}"]), loop, empty, edits)


def clips_to_hear(movements: Sequence[Movement], count: int) -> list[Clip]:
    """Those that moved most, at most `count` each way in each cell: the most moved of every cell first."""
    moved = [side for each in movements for side in (each.worse(count), each.better(count))]
    cells = [(each.language, each.condition) for each in movements for _ in range(2)]
    ranked = [
        (*cell, side[rank].utterance_id)
        for rank in range(count)
        for cell, side in zip(cells, moved, strict=True)
        if rank < len(side)
    ]
    return list(dict.fromkeys(ranked))


def steps(reference: str, transcript: Transcript, metric: str) -> tuple[Step, ...]:
    """The alignment of a transcript with its reference."""
    return tuple(align(units(reference, metric), units(transcript.text, metric), transcript.edits))


def units(text: str, metric: str) -> Sequence[str]:
    """What a metric counts: words, or characters without spaces."""
    assert metric in METRICS
    return text.split() if metric == "wer" else "".join(text.split())


def align(reference: Sequence[str], hypothesis: Sequence[str], edits: str) -> Iterator[Step]:
    """Both sides step by step, as one letter an edit says."""
    left, right = iter(reference), iter(hypothesis)
    for edit in edits:
        yield Step(edit, "" if edit == INSERTION else next(left), "" if edit == DELETION else next(right))
