"""One cell: every arm's counts over the same clips in the same order, and what is resampled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.compare.protocol import UTTERANCE, Protocol
from bench.errors import BenchError
from bench.stats import PairedSums, resample_weights
from bench.suite import CLEAN

Floats = npt.NDArray[np.float64]
CountsByArm = Mapping[str, pd.DataFrame]
"""Arm id to the rows that `count_decodes` made of one cell."""


@dataclass(frozen=True, eq=False)
class Cell:
    """The readable clips of one language under one condition.

    `arms` has every arm's counts by arm id, rows in one common order; `sensitivity` the same under the second
    normaliser, if there is one. `group` numbers the unit (speaker, utterance, or what clips are grouped by where
    no speaker is named) that each row belongs to; `unit_note` says why it is not the speaker where nobody asked for
    that.
    """

    language: str
    condition: str
    arms: CountsByArm
    sensitivity: CountsByArm | None
    unit: str
    unit_note: str
    group: npt.NDArray[np.intp]
    unreadable: int

    @property
    def clips(self) -> pd.DataFrame:
        """What all arms have in common: ids, speakers, references. The rows of the first arm."""
        return next(iter(self.arms.values()))

    @property
    def speakers(self) -> int:
        """How many are named."""
        return len(set(self.clips["speaker_id"]) - {""})

    def over(self, ids: Collection[str]) -> Cell:
        """The same cell, of these utterances only."""
        kept = self.clips["utterance_id"].isin(ids).to_numpy()
        arms = {name: rows[kept].reset_index(drop=True) for name, rows in self.arms.items()}
        group = np.unique(self.group[kept], return_inverse=True)[1]
        return replace(self, arms=arms, sensitivity=None, group=group, unreadable=self.unreadable + int((~kept).sum()))

    def by_unit(self, values: npt.ArrayLike) -> Floats:
        """One value a clip, summed within each unit: (G,)."""
        return np.bincount(self.group, weights=np.asarray(values, dtype=float)).astype(np.float64)

    def sums(self, arm: str, control: str, column: str, length: str, counts: CountsByArm | None = None) -> PairedSums:
        """A column of two arms and the reference length, summed within each unit."""
        counts = self.arms if counts is None else counts
        return PairedSums(
            self.by_unit(counts[control][column]), self.by_unit(counts[arm][column]), self.by_unit(counts[arm][length])
        )

    def weights(self, protocol: Protocol) -> Floats:
        """(B, G): the same resamples for every arm, metric and condition, other ones for every language."""
        return resample_weights(int(self.group.max()) + 1, protocol.resamples, self.rng(protocol))

    def rng(self, protocol: Protocol, *purpose: int) -> np.random.Generator:
        """Seeded by the suite's seed and the language: costs under all conditions are compared with the clean one."""
        name = f"{protocol.seed}\0{self.language}\0{CLEAN}".encode()
        return np.random.default_rng([int.from_bytes(blake2b(name, digest_size=8).digest(), "big"), *purpose])


def make_cell(
    protocol: Protocol, counts: CountsByArm, sensitivity: CountsByArm | None = None, clean: Cell | None = None
) -> Cell:
    """A cell of every arm's counts. Clips that were unreadable are left out of all arms and counted.

    What is resampled is what was in the language's `clean` cell, if it is another: a condition may leave fewer clips.
    Raises BenchError if no clip is left, or if speakers are to be resampled and cannot be.
    """
    unreadable = {
        name for rows in counts.values() for name in rows.loc[rows["audio_status"] == "unreadable", "utterance_id"]
    }
    first = next(iter(counts.values()))
    language, condition = str(first["language"].iloc[0]), str(first["condition"].iloc[0])
    if len(first) == len(unreadable):
        raise BenchError(
            f"{language}/{condition}: none of {len(unreadable)} clips can be decoded; mend the audio or drop the "
            "language"
        )
    arms = {arm_id: _ordered(rows, unreadable) for arm_id, rows in counts.items()}
    second = None if sensitivity is None else {key: _ordered(rows, unreadable) for key, rows in sensitivity.items()}
    clips = next(iter(arms.values()))
    name = f"{language}/{condition}"
    unit, note = (clean.unit, clean.unit_note) if clean else _unit(protocol, name, clips["speaker_id"])
    names = clips["utterance_id" if unit == UTTERANCE else "speaker_id"]
    group = np.unique(names.to_numpy(dtype=str), return_inverse=True)[1]
    return Cell(language, condition, arms, second, unit, note, group, len(unreadable))


def _ordered(rows: pd.DataFrame, unreadable: set[Any]) -> pd.DataFrame:
    return rows[~rows["utterance_id"].isin(unreadable)].sort_values("utterance_id", ignore_index=True)


def _unit(protocol: Protocol, cell: str, speakers: pd.Series) -> tuple[str, str]:
    """What is resampled, and why it is not the speaker where that was left open."""
    asked = protocol.statistics.unit
    if asked == UTTERANCE:
        return UTTERANCE, ""
    nameless = int((speakers == "").sum())
    if not nameless and len(set(speakers)) > 1:
        return protocol.clusters, ""
    problem = f"{nameless} of {len(speakers)} clips name no speaker" if nameless else "all clips are by one speaker"
    if asked == "speaker" and protocol.controls:
        raise BenchError(
            f'statistics.unit = "speaker": {cell}: {problem}; add speakers, or set unit = "utterance" (intervals then '
            "ignore that clips of one speaker are alike)"
        )
    return UTTERANCE, problem
