"""What may be said of a smaller cache: of which cache, at which transcript, of how much in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.memory.breakdown import Lines, fitted_lines
from bench.memory_records import Load, MemoryRecord
from bench.memory_sums import decode_cache, percent_change

Values = Mapping[str, float | None]
"""Bytes by the name of what they are."""


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
        """All that attention reads at a step."""
        return decode_cache(self.own_a_position * positions, self.cross, self.states)

    def beside_weights(self, positions: int) -> float:
        """Caches and encoder states."""
        return self.own_a_position * positions + self.cross + self.states


@dataclass(frozen=True)
class Quantity:
    """`value` in bytes, and by how many per cent it is above the control's; None where that is not known."""

    value: float | None
    change: float | None


@dataclass(frozen=True)
class Headline:
    """What is said of one arm, by the name of what is measured, in the order in which it is said."""

    clip: ClipBytes
    quantities: dict[str, Quantity]


def clip_bytes(records: Sequence[MemoryRecord]) -> list[ClipBytes]:
    """The bytes of a clip for every arm and dtype; caches grow in proportion to rows and positions."""
    longest: dict[tuple[str, str], tuple[MemoryRecord, Lines]] = {}
    for record, lines in fitted_lines(records):
        key = (record.arm, record.dtype)
        if key not in longest or record.load.by_length > longest[key][0].load.by_length:
            longest[key] = (record, lines)
    return [_clip_bytes(record, lines) for record, lines in longest.values()]


def _clip_bytes(record: MemoryRecord, lines: Lines) -> ClipBytes:
    load = record.load
    return ClipBytes(
        arm=record.arm,
        control=record.control,
        dtype=record.dtype,
        positions=load.positions,
        own_a_position=lines.own / load.rows / load.positions,
        cross=lines.cross / load.rows,
        states=lines.states / load.rows,
        weights=lines.weights,
    )


def common_load(records: Sequence[MemoryRecord]) -> Load | None:
    """The longest load that every arm and dtype fitted, so that peaks under it may be compared; None if there is none.

    Among loads of as many positions, that of most clips, then beams.
    """
    arms = len({(record.arm, record.dtype) for record in records})
    fitted = Counter(record.load for record, _ in fitted_lines(records))
    return max((load for load, count in fitted.items() if count == arms), key=lambda load: load.by_length, default=None)


def headlines_of(
    records: Sequence[MemoryRecord], clips: Sequence[ClipBytes], transcripts: Transcripts | None
) -> list[Headline]:
    """Every arm beside its control: its cut cache, the whole cache at true lengths, weights, peak and process.

    What no arm has (peaks, without a GPU) is left out.
    """
    common, lengths = _lines_under(records, common_load(records)), _lengths(clips, transcripts)
    of_arms = {(clip.arm, clip.dtype): _values(clip, lengths, common.get((clip.arm, clip.dtype))) for clip in clips}
    names = _known_names(list(of_arms.values()))
    headlines = []
    for clip in clips:
        values, of_control = of_arms[clip.arm, clip.dtype], _of_control(clip, of_arms)
        quantities = {
            name: Quantity(values[name], percent_change(values[name], of_control.get(name))) for name in names
        }
        headlines.append(Headline(clip, quantities))
    return headlines


def _of_control(clip: ClipBytes, of_arms: Mapping[tuple[str, str], Values]) -> Values:
    """The control's in the same dtype; in the one it was measured in, where an arm is decoded in another."""
    dtypes = [dtype for arm, dtype in of_arms if arm == clip.control]
    dtype = clip.dtype if clip.dtype in dtypes or len(dtypes) != 1 else dtypes[0]
    return of_arms.get((str(clip.control), dtype), {})


def _lengths(clips: Sequence[ClipBytes], transcripts: Transcripts | None) -> dict[str, int]:
    """Cached text positions, by what they are."""
    most = max((clip.positions for clip in clips), default=0)
    of_transcripts = {}
    if transcripts is not None:
        of_transcripts = {
            f"{transcripts.median} positions (median transcript)": transcripts.median,
            f"{transcripts.longest} positions (99th percentile)": transcripts.longest,
        }
    return of_transcripts | {f"{most} positions (the most measured)": most}


def _lines_under(records: Sequence[MemoryRecord], load: Load | None) -> Mapping[tuple[str, str], Lines]:
    """The lines of every arm and dtype under one load."""
    return {(record.arm, record.dtype): lines for record, lines in fitted_lines(records) if record.load == load}


def _values(clip: ClipBytes, lengths: Mapping[str, int], lines: Lines | None) -> dict[str, float | None]:
    """Bytes by the name of what they are; `lines`: of the load that every arm fitted."""
    return {
        "self cache a position": clip.own_a_position,
        **{f"decode cache at {name}": clip.decode_cache(positions) for name, positions in lengths.items()},
        "encoder states": clip.states,
        "weights": clip.weights,
        "peak allocated": lines.peak if lines else None,
        "process": lines.process if lines else None,
    }


def _known_names(of_arms: Sequence[Mapping[str, float | None]]) -> list[str]:
    """The names of what is known of any arm."""
    return [name for name in (of_arms[0] if of_arms else ()) if any(values[name] is not None for values in of_arms)]
