"""What may be said of a smaller cache: of which cache, at which transcript, of how much in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.analysis.memory.breakdown import Lines, lines_of
from bench.frames import records as as_rows
from bench.memory.budget import percent_change

LOAD = ["positions", "batch", "beams"]
Load = tuple[int, int, int]
"""Positions, clips, beams."""


@dataclass(frozen=True)
class Transcripts:
    """Cached text positions at the median and the 99th percentile of a corpus's transcripts, the prompt among them."""

    median: int
    longest: int


@dataclass(frozen=True)
class ClipBytes:
    """One arm in one dtype: bytes of a clip without beams, of the largest load that fitted (`positions` long)."""

    arm: str
    control: str | None
    dtype: str
    positions: int
    own_a_position: float
    cross: float
    states: float
    weights: int

    def decode_cache(self, positions: int) -> float:
        """All that attention reads at a step; encoder states only where nothing else is kept of the audio."""
        return self.own_a_position * positions + (self.cross or self.states)


@dataclass(frozen=True)
class Quantity:
    """`value` in bytes, and by how many per cent it is above the control's; None where that is not known."""

    value: float | None
    change: float | None


@dataclass(frozen=True)
class Headline:
    """What is said of one arm, by the name of what is measured, in the order in which it is told."""

    clip: ClipBytes
    quantities: dict[str, Quantity]


def ok_records(records: pd.DataFrame) -> pd.DataFrame:
    """Of loads that fitted."""
    return records[records["outcome"] == "ok"]


def clip_bytes(records: pd.DataFrame) -> list[ClipBytes]:
    """One an arm and dtype: caches grow in proportion to rows and positions."""
    found = []
    for (arm, dtype), rows in ok_records(records).groupby(["arm", "dtype"], sort=False):
        row = as_rows(rows.sort_values(LOAD))[-1]
        lines, rows_at_once = lines_of(row), row["batch"] * row["beams"]
        found.append(
            ClipBytes(
                str(arm),
                None if pd.isna(row["control"]) else str(row["control"]),
                str(dtype),
                int(row["positions"]),
                lines.own / rows_at_once / row["positions"],
                lines.cross / rows_at_once,
                lines.states / rows_at_once,
                lines.weights,
            )
        )
    return found


def common_load(records: pd.DataFrame) -> Load | None:
    """The largest load that every arm and dtype fitted, so that peaks under it may be compared; None if there is none.

    `(positions, clips, beams)`.
    """
    arms = len(records[["arm", "dtype"]].drop_duplicates())
    fitted = Counter((row["positions"], row["batch"], row["beams"]) for row in as_rows(ok_records(records)))
    return max((load for load, count in fitted.items() if count == arms), default=None)


def headlines_of(records: pd.DataFrame, clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> list[Headline]:
    """Each beside its control: the cache that is cut, the whole of it at true lengths, weights, peak and process.

    What no arm has (peaks, without a GPU) is left out.
    """
    peaks = _lines_under(records, common_load(records))
    longest = max((clip.positions for clip in clips), default=0)
    lengths = {f"{longest} positions (the most measured)": longest}
    if transcripts is not None:
        lengths = {
            f"{transcripts.median} positions (median transcript)": transcripts.median,
            f"{transcripts.longest} positions (99th percentile)": transcripts.longest,
        } | lengths
    told = {(clip.arm, clip.dtype): _told(clip, lengths, peaks.get((clip.arm, clip.dtype))) for clip in clips}
    known = [name for name in next(iter(told.values()), {}) if any(each[name] is not None for each in told.values())]
    headlines = []
    for clip in clips:
        mine, its = told[clip.arm, clip.dtype], told.get((str(clip.control), clip.dtype), {})
        quantities = {name: Quantity(mine[name], percent_change(mine[name], its.get(name))) for name in known}
        headlines.append(Headline(clip, quantities))
    return headlines


def _lines_under(records: pd.DataFrame, load: Load | None) -> Mapping[tuple[str, str], Lines]:
    rows = as_rows(ok_records(records))
    return {(row["arm"], row["dtype"]): lines_of(row) for row in rows if tuple(row[name] for name in LOAD) == load}


def _told(clip: ClipBytes, lengths: dict[str, int], lines: Lines | None) -> dict[str, float | None]:
    return {
        "self cache a position": clip.own_a_position,
        **{f"decode cache at {name}": clip.decode_cache(positions) for name, positions in lengths.items()},
        "encoder states": clip.states,
        "weights": clip.weights,
        "peak allocated": lines.peak if lines else None,
        "process": lines.process if lines else None,
    }
