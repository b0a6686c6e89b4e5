"""What an arm's cache saves against its control's, from bytes that were measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.analysis.memory.headlines import ClipBytes, Headline, clip_bytes, headlines_of
from bench.analysis.suite_records import SuiteRecords
from bench.memory_sums import percent_change
from bench.reporting.text.format import mebibytes, percent
from bench.suite import ArmSpec

ITEM = {"float32": 4, "float16": 2, "bfloat16": 2}
"""Bytes of a value."""
SMALL = 5.0
"""Per cent of the decode cache: less is not worth a choice."""


@dataclass(frozen=True)
class Saving:
    """One arm beside its control, in the dtype that it was decoded in. `typical`: text positions of a median
    transcript, None without transcripts. `quantised`: its cache holds no values of the dtype.
    """

    arm: ClipBytes
    control: ClipBytes
    typical: int | None
    quantised: bool

    def change(self, positions: int) -> float:
        """Of all that decoding caches at so many positions, in per cent."""
        return percent_change(self.arm.decode_cache(positions), self.control.decode_cache(positions)) or 0.0

    @property
    def told(self) -> str:
        """Which cache it cuts, by how much, and what that makes of the whole."""
        cuts = " and ".join(self._cuts())
        if not cuts:
            return "it caches as much as its control"
        at = self.arm.positions if self.typical is None else self.typical
        change = self.change(at)
        does = "saves" if change <= 0 else "adds"
        where = f"at {at} tokens" if self.typical is None else f"at a typical transcript ({at} tokens)"
        return f"{cuts}, which {does} {abs(change):.1f} % of what decoding caches {where}"

    def _cuts(self) -> Iterator[str]:
        own, plain = self.arm.own_a_position, self.control.own_a_position
        if own != plain:
            item = ITEM.get(self.arm.dtype) if not self.quantised else None
            kept = f"{own / item:,.0f} of {plain / item:,.0f} values" if item else f"{own:,.0f} of {plain:,.0f} bytes"
            yield f"decoder self-attention keeps {kept} a token{_change(own, plain)}"
        cross, before = self.arm.decode_cache(0), self.control.decode_cache(0)
        if cross != before:
            yield f"cross-attention keeps {mebibytes(cross)} of {mebibytes(before)} a clip{_change(cross, before)}"


def _change(value: float, control: float) -> str:
    change = percent_change(value, control)
    return "" if change is None else f" ({percent(change)})"


def saving_of(records: SuiteRecords, arm: ArmSpec) -> Saving | None:
    """None where it was not measured, or belongs to the control."""
    control = records.suite.control_of(arm)
    if control is None or records.memory is None or arm not in records.suite.measurable:
        return None
    clips = {(clip.arm, clip.dtype): clip for clip in clip_bytes(records.memory.records)}
    dtypes = [records.manifest.arms[arm.id].settings.dtype, *(dtype for name, dtype in clips if name == arm.id)]
    for dtype in dtypes:
        ours, theirs = clips.get((arm.id, str(dtype))), clips.get((control.id, str(dtype)))
        if ours is not None and theirs is not None:
            transcripts = records.memory.transcripts
            return Saving(ours, theirs, transcripts.median if transcripts else None, arm.kv is not None)
    return None


def headlines_about(records: SuiteRecords, *arms: ArmSpec) -> list[Headline]:
    """What was measured of these arms' bytes, in the suite's order; nothing where nobody measured."""
    if records.memory is None:
        return []
    measured, ids = records.memory.records, {arm.id for arm in arms}
    headlines = headlines_of(measured, clip_bytes(measured), records.memory.transcripts)
    return [headline for headline in headlines if headline.clip.arm in ids]
