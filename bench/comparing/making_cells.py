"""From every arm's counts to one cell: clips that all arms have, and what is resampled."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from bench.comparing.cells import Cell
from bench.comparing.clips import ArmClips
from bench.comparing.protocol import UTTERANCE, Protocol
from bench.errors import BenchError
from bench.suite import ArmId

CountsByArm = Mapping[ArmId, pd.DataFrame]
"""By arm id, the rows that `count_decodes` made of one cell."""


def make_cell(
    protocol: Protocol, counts: CountsByArm, sensitivity: CountsByArm | None = None, clean: Cell | None = None
) -> Cell:
    """A cell of every arm's counts. Clips that were unreadable are left out of all arms and counted.

    What is resampled is what was in the language's `clean` cell, if it is another: a condition may leave fewer clips.
    Raises BenchError if no clip is left, or if speakers are to be resampled and cannot be.
    """
    unreadable = {
        str(name) for rows in counts.values() for name in rows.loc[rows["audio_status"] == "unreadable", "utterance_id"]
    }
    first = next(iter(counts.values()))
    name = f"{first['language'].iloc[0]}/{first['condition'].iloc[0]}"
    if len(first) == len(unreadable):
        why = f"{first['utterance_id'].iloc[0]}: {first['detail'].iloc[0] or 'unreadable'}"
        raise BenchError(
            f"{name}: none of {len(unreadable)} clips can be decoded ({why}); mend the audio or drop the language"
        )
    clips = _ordered(first, unreadable)
    unit, note = (clean.unit, clean.unit_note) if clean else _unit(protocol, name, clips["speaker_id"])
    names = clips["utterance_id" if unit == UTTERANCE else "speaker_id"]
    return Cell(
        language=str(first["language"].iloc[0]),
        condition=str(first["condition"].iloc[0]),
        clips=clips,
        arms={arm_id: ArmClips.of(_ordered(rows, unreadable)) for arm_id, rows in counts.items()},
        sensitivity=None
        if sensitivity is None
        else {arm_id: ArmClips.of(_ordered(rows, unreadable)) for arm_id, rows in sensitivity.items()},
        unit=unit,
        unit_note=note,
        group=np.unique(names.to_numpy(dtype=str), return_inverse=True)[1],
        unreadable=len(unreadable),
    )


def _ordered(rows: pd.DataFrame, unreadable: Collection[str]) -> pd.DataFrame:
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
