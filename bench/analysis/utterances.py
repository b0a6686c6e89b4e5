"""The utterances that moved a cost the most, each way, from the counts on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from bench.analysis.alignments import Moved, Movement, Transcript
from bench.compare.picking import rows_of
from bench.compare.protocol import METRICS, Protocol
from bench.errors import BenchError
from bench.frames import records
from bench.store import Store
from bench.suite import ArmSpec, Suite

CELL = ["arm", "seed", "language", "condition"]
MEASURED = [f"{metric}_{name}" for metric in METRICS for name in ("errors", "length", "edits")]
FEWEST = 10
"""Utterances of a cell, however many cells there are."""
TEXTS = ["utterance_id", "speaker_id", "normalized_reference", "normalized_hypothesis", "loop", "empty", "audio_status"]


def read_movement(suite: Suite, store: Store, arm: ArmSpec, language: str, condition: str, most: int) -> Movement:
    """Of one cell, at most so many utterances. Raises BenchError where nothing is counted yet, or of no such cell."""
    if language not in suite.languages or condition not in {each.name for each in suite.conditions}:
        conditions = ", ".join(each.name for each in suite.conditions)
        raise BenchError(
            f"suite {suite.name}: no cell {language}/{condition}; its languages are {', '.join(suite.languages)}, its "
            f"conditions {conditions}"
        )
    counts = _read_condition(store, condition)
    return _movement(suite, counts[counts["language"] == language], arm, language, condition, most)


def read_movements(suite: Suite, store: Store, most: int) -> Iterator[Movement]:
    """Of every converted arm in every language under every condition, in all about `most` utterances.

    One condition is in memory at a time.
    """
    converted = [arm for arm in suite.arms if arm.control is not None]
    sizes = _sizes(suite, store)
    of_cells = [
        sizes[language, each.name] for each in suite.conditions for _ in converted for language in suite.languages
    ]
    shares = iter(share_out(of_cells, most))
    for condition in suite.conditions:
        of_language = dict(iter(_read_condition(store, condition.name).groupby("language", sort=False)))
        for arm in converted:
            for language in suite.languages:
                yield _movement(suite, of_language[language], arm, language, condition.name, next(shares))


def share_out(sizes: Sequence[int], most: int) -> list[int]:
    """How many of each cell: all where there is room, else what smaller cells leave is shared by the larger ones.

    Never fewer than a few of a cell that has them.
    """
    shares = [0] * len(sizes)
    for rank, place in enumerate(sorted(range(len(sizes)), key=lambda place: sizes[place])):
        shares[place] = min(sizes[place], max(FEWEST, most // (len(sizes) - rank)))
        most -= shares[place]
    return shares


def _sizes(suite: Suite, store: Store) -> dict[tuple[str, str], int]:
    """Clips of each cell, the same for every arm."""
    counts = store.read_table(store.counts_path, CELL)
    sizes = rows_of(counts, suite.arms[0]).groupby(["language", "condition"], as_index=False).size()
    return {(row["language"], row["condition"]): row["size"] for row in records(sizes)}


def _read_condition(store: Store, condition: str) -> pd.DataFrame:
    return store.read_table(store.counts_path, [*CELL, *TEXTS, *MEASURED], [("condition", "==", condition)])


def _movement(suite: Suite, cell: pd.DataFrame, arm: ArmSpec, language: str, condition: str, most: int) -> Movement:
    control = suite.control_of(arm)
    if control is None:
        raise BenchError(f"arm {arm.id} is a control: nothing moved; name a converted one")
    metric = Protocol.of(suite).primary(language)
    before, after = (_side(cell, each, metric) for each in (control, arm))
    both = before.merge(after, on="utterance_id", suffixes=("_control", "_converted"), validate="one_to_one")
    ranked = both.assign(better=both["errors_control"] - both["errors_converted"])
    ranked = ranked.sort_values(["better", "utterance_id"], ignore_index=True)
    ends = range(-(-most // 2), len(ranked) - most // 2)
    moved = tuple(_moved(row) for row in records(ranked.drop(index=ends)))
    return Movement(arm, control, language, condition, metric, len(ranked), moved)


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
