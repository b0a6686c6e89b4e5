"""What may be said of a smaller cache: of which cache, at which transcript, of how much in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.frames import records as as_rows
from bench.memory.budget import percent_change
from bench.memory.lines import lines_of


@dataclass(frozen=True)
class Transcripts:
    """Cached text positions at the median and the 99th percentile of a corpus's transcripts, the prompt among them."""

    median: int
    longest: int


@dataclass(frozen=True)
class ClipBytes:
    """One arm in one dtype: bytes of a clip without beams, measured on its largest load that fitted.

    `load`: clips, beams and positions of that load; `peak`: what was allocated at once under it, and `process` what the
    driver said of the process; None without a GPU. `contradiction`: by how many bytes a clip the live caches exceed
    what the config claims (below 0: less); None where it claims nothing.
    """

    arm: str
    control: str | None
    dtype: str
    load: tuple[int, int, int]
    own_a_position: float
    cross: float
    states: float
    weights: int
    peak: int | None
    process: int | None
    contradiction: float | None

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
        row = as_rows(rows.sort_values(["positions", "batch", "beams"]))[-1]
        lines, rows_at_once = lines_of(row), row["batch"] * row["beams"]
        excess = lines.own - row["own_claimed"] + lines.cross - row["cross_claimed"]
        found.append(
            ClipBytes(
                str(arm),
                None if pd.isna(row["control"]) else str(row["control"]),
                str(dtype),
                (int(row["batch"]), int(row["beams"]), int(row["positions"])),
                lines.own / rows_at_once / row["positions"],
                lines.cross / rows_at_once,
                lines.states / rows_at_once,
                lines.weights,
                lines.peak,
                None if pd.isna(row["process"]) else int(row["process"]),
                None if pd.isna(excess) else excess / rows_at_once,
            )
        )
    return found


def headlines_of(clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> list[Headline]:
    """Each beside its control: the cache that is cut, the whole of it at true lengths, weights, peak and process."""
    longest = max((clip.load[2] for clip in clips), default=0)
    lengths = {f"{longest} positions (the most measured)": longest}
    if transcripts is not None:
        lengths = {
            f"{transcripts.median} positions (median transcript)": transcripts.median,
            f"{transcripts.longest} positions (99th percentile)": transcripts.longest,
        } | lengths
    told = {(clip.arm, clip.dtype): _told(clip, lengths) for clip in clips}
    return [
        Headline(
            clip,
            {
                name: Quantity(value, percent_change(value, told.get((str(clip.control), clip.dtype), {}).get(name)))
                for name, value in told[clip.arm, clip.dtype].items()
                if any(of_arm[name] is not None for of_arm in told.values())
            },
        )
        for clip in clips
    ]


def _told(clip: ClipBytes, lengths: dict[str, int]) -> dict[str, float | None]:
    return {
        "self cache a position": clip.own_a_position,
        **{f"decode cache at {name}": clip.decode_cache(positions) for name, positions in lengths.items()},
        "encoder states": clip.states,
        "weights": clip.weights,
        "peak allocated": clip.peak,
        "process": clip.process,
    }
