"""The utterances that moved a cost the most, each way, with their alignments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.compare.protocol import METRICS, Protocol
from bench.errors import BenchError
from bench.frames import records
from bench.scoring import DELETION, INSERTION
from bench.store import Store
from bench.suite import ArmSpec, Suite

TEXTS = ["utterance_id", "speaker_id", "normalized_reference", "normalized_hypothesis", "loop", "empty", "audio_status"]


@dataclass(frozen=True)
class Step:
    """One unit of an alignment (a word, or a character); the side that has none is empty. `edit`: = S D I."""

    edit: str
    reference: str
    hypothesis: str


@dataclass(frozen=True)
class Transcript:
    """What one arm made of an utterance, as it is scored."""

    text: str
    errors: int
    loop: bool
    empty: bool
    steps: tuple[Step, ...]


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


@dataclass(frozen=True)
class Movement:
    """One language under one condition, by its primary metric: the worst first, and the best first."""

    arm: ArmSpec
    control: ArmSpec
    language: str
    condition: str
    metric: str
    clips: int
    worse: tuple[Moved, ...]
    better: tuple[Moved, ...]


def read_movement(suite: Suite, store: Store, arm: ArmSpec, language: str, condition: str, count: int) -> Movement:
    """At most `count` utterances each way. Raises BenchError where nothing is counted yet, or of no such cell."""
    control = suite.control_of(arm)
    if control is None:
        raise BenchError(f"arm {arm.id} is a control: nothing moved; name a converted one")
    metric = Protocol.of(suite).primary(language)
    names = [f"{metric}_{name}" for name in ("errors", "length", "edits")]
    table = store.read_table(store.counts_path, ["arm", "seed", "language", "condition", *TEXTS, *names])
    cell = table[(table["language"] == language) & (table["condition"] == condition)]
    if cell.empty:
        conditions = ", ".join(each.name for each in suite.conditions)
        raise BenchError(
            f"suite {suite.name}: no cell {language}/{condition}; its languages are {', '.join(suite.languages)}, its "
            f"conditions {conditions}"
        )
    before, after = (_side(cell, each, metric) for each in (control, arm))
    both = before.merge(after, on="utterance_id", suffixes=("_control", "_converted"), validate="one_to_one")
    moved = [_moved(row, metric) for row in records(both)]
    order = sorted(moved, key=lambda each: (-each.change, each.utterance_id))
    worse = [each for each in order if each.change > 0]
    better = [each for each in reversed(order) if each.change < 0]
    return Movement(arm, control, language, condition, metric, len(moved), tuple(worse[:count]), tuple(better[:count]))


def _side(cell: pd.DataFrame, arm: ArmSpec, metric: str) -> pd.DataFrame:
    seed = cell["seed"].isna() if arm.seed is None else cell["seed"] == arm.seed
    rows = cell[(cell["arm"] == arm.name) & seed & (cell["audio_status"] != "unreadable")]
    return rows[[*TEXTS, *(f"{metric}_{name}" for name in ("errors", "length", "edits"))]]


def _moved(row: dict[str, Any], metric: str) -> Moved:
    reference = row["normalized_reference_control"]
    return Moved(
        row["utterance_id"],
        row["speaker_id_control"],
        reference,
        int(row[f"{metric}_length_control"]),
        _transcript(row, "control", reference, metric),
        _transcript(row, "converted", reference, metric),
    )


def _transcript(row: dict[str, Any], side: str, reference: str, metric: str) -> Transcript:
    text = row[f"normalized_hypothesis_{side}"]
    loop, empty = (bool(row[f"{flag}_{side}"]) for flag in ("loop", "empty"))
    steps = tuple(align(units(reference, metric), units(text, metric), row[f"{metric}_edits_{side}"]))
    return Transcript(text, int(row[f"{metric}_errors_{side}"]), loop, empty, steps)


def units(text: str, metric: str) -> Sequence[str]:
    """What a metric counts: words, or characters without spaces."""
    assert metric in METRICS
    return text.split() if metric == "wer" else "".join(text.split())


def align(reference: Sequence[str], hypothesis: Sequence[str], edits: str) -> Iterator[Step]:
    """Both sides step by step, as one letter an edit says."""
    left, right = iter(reference), iter(hypothesis)
    for edit in edits:
        yield Step(edit, "" if edit == INSERTION else next(left), "" if edit == DELETION else next(right))
