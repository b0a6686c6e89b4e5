"""The utterances that moved a cost the most, each way, from the counts on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from bench.analysis.alignments import Movement, PairedUtterance, Transcript
from bench.comparing import Protocol
from bench.errors import BenchError
from bench.scoring import METRICS, ErrorCounts, Metric
from bench.store import Store
from bench.suite import ArmSpec, Suite

CELL = ["arm", "seed", "language", "condition"]
FEWEST = 10
"""Utterances of a cell, however many cells there are."""
TEXTS = ["utterance_id", "speaker_id", "normalized_reference", "normalized_hypothesis", "loop", "empty", "audio_status"]


def read_movement(suite: Suite, store: Store, arm: ArmSpec, language: str, condition: str, most: int) -> Movement:
    """Reads at most so many utterances of a cell. Raises BenchError where nothing is counted, or for no such cell."""
    if language not in suite.languages or condition not in {known.name for known in suite.conditions}:
        conditions = ", ".join(known.name for known in suite.conditions)
        raise BenchError(
            f"suite {suite.name}: no cell {language}/{condition}; its languages are {', '.join(suite.languages)}, its "
            f"conditions {conditions}"
        )
    counts = _read_condition(store, condition)
    return _movement(suite, counts[counts["language"] == language], arm, language, condition, most)


def read_movements(suite: Suite, store: Store, most: int) -> Iterator[Movement]:
    """Yields every converted arm in every language under every condition, in all about `most` utterances.

    One condition is in memory at a time.
    """
    converted = [arm for arm in suite.arms if arm.control is not None]
    sizes = _sizes(suite, store)
    of_cells = [
        sizes[language, condition.name]
        for condition in suite.conditions
        for _ in converted
        for language in suite.languages
    ]
    shares = iter(share_out(of_cells, most))
    for condition in suite.conditions:
        of_language = dict(iter(_read_condition(store, condition.name).groupby("language", sort=False)))
        for arm in converted:
            for language in suite.languages:
                yield _movement(suite, of_language[language], arm, language, condition.name, next(shares))


def share_out(sizes: Sequence[int], most: int) -> list[int]:
    """Says how many utterances of each cell are told: all where there is room, else larger cells share what smaller
    ones leave.

    Never fewer than a few of a cell that has them.
    """
    shares = [0] * len(sizes)
    for rank, place in enumerate(sorted(range(len(sizes)), key=lambda place: sizes[place])):
        shares[place] = min(sizes[place], max(FEWEST, most // (len(sizes) - rank)))
        most -= shares[place]
    return shares


def _sizes(suite: Suite, store: Store) -> Mapping[tuple[str, str], int]:
    """Clips of each cell, the same for every arm."""
    counts = store.read_table(store.counts_path, CELL)
    return Counter(zip(*(rows_of(counts, suite.arms[0])[name] for name in ("language", "condition")), strict=True))


def _read_condition(store: Store, condition: str) -> pd.DataFrame:
    return store.read_table(
        store.counts_path, [*CELL, *TEXTS, *(f"{metric}_edits" for metric in METRICS)], [("condition", "==", condition)]
    )


def _movement(suite: Suite, cell: pd.DataFrame, arm: ArmSpec, language: str, condition: str, most: int) -> Movement:
    control = suite.control_of(arm)
    if control is None:
        raise BenchError(f"arm {arm.id} is a control: nothing moved; name a converted one")
    metric = Protocol.of(suite).primary(language)
    paired = pair_utterances(rows_of(cell, control), rows_of(cell, arm), metric)
    return most_moved(arm, control, (language, condition), metric, paired, most)


def pair_utterances(control: pd.DataFrame, arm: pd.DataFrame, metric: Metric) -> list[PairedUtterance]:
    """Every utterance that both counted, in the control's order."""
    before, after = (_transcripts(rows, metric) for rows in (control, arm))
    texts = _readable(control)
    about = zip(texts["utterance_id"], texts["speaker_id"], texts["normalized_reference"], strict=True)
    return [
        PairedUtterance(name, speaker, reference, _length(before[name]), before[name], after[name])
        for name, speaker, reference in about
        if name in after
    ]


def most_moved(
    arm: ArmSpec, control: ArmSpec, cell: tuple[str, str], metric: Metric, paired: Sequence[PairedUtterance], most: int
) -> Movement:
    """Those that moved most each way, at most so many in all; `cell`: language and condition."""
    ranked = sorted(paired, key=lambda utterance: (-utterance.change, utterance.utterance_id))
    worst, best = ranked[: -(-most // 2)], ranked[len(ranked) - most // 2 :]
    chosen = ranked if len(ranked) <= most else [*worst, *best]
    return Movement(arm, control, *cell, metric, len(ranked), tuple(chosen))


def _transcripts(rows: pd.DataFrame, metric: Metric) -> dict[str, Transcript]:
    """By utterance id, of those that were readable."""
    readable = _readable(rows)
    names = ("utterance_id", "normalized_hypothesis", "loop", "empty", f"{metric}_edits")
    return {
        name: Transcript(text, ErrorCounts.of_edits(edits).errors, bool(loop), bool(empty), edits)
        for name, text, loop, empty, edits in zip(*(readable[column] for column in names), strict=True)
    }


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["audio_status"] != "unreadable"]


def _length(transcript: Transcript) -> int:
    """Units of the reference that it was aligned with."""
    return ErrorCounts.of_edits(transcript.edits).length


def rows_of(counts: pd.DataFrame, arm: ArmSpec) -> pd.DataFrame:
    """The counts of one arm and training seed."""
    seed = counts["seed"].isna() if arm.seed is None else counts["seed"] == arm.seed
    return counts[(counts["arm"] == arm.name) & seed]
