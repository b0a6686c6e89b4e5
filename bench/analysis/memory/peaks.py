"""What a cut of the cache does to the peak that the cache is only a part of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.memory.breakdown import Lines, fitted_lines
from bench.memory_records import Load, MemoryRecord
from bench.memory_sums import percent_change


@dataclass(frozen=True)
class PeakCut:
    """A converted arm and its control under one load: how each sum changed, in per cent.

    `saved`: bytes of caches and encoder states that the arm does not hold; `shares`: per cent of the control's peak
    that each line is, in the phase of that peak.
    """

    arm: str
    control: str
    load: Load
    lines: Lines
    control_lines: Lines
    shares: dict[str, float]
    saved: int
    own: float | None
    decode_cache: float | None
    peak: float | None
    process: float | None


def peak_cuts(records: Sequence[MemoryRecord]) -> list[PeakCut]:
    """The cuts of every arm with a control, under every load that both fitted on a GPU."""
    fitted = {(record.arm, record.dtype, record.load): lines for record, lines in fitted_lines(records)}
    cuts = []
    for record, lines in fitted_lines(records):
        if record.control is None:
            continue
        control_lines = fitted.get((record.control, record.dtype, record.load))
        if lines.peak is not None and control_lines is not None and control_lines.peak is not None:
            cuts.append(_cut(record, record.control, lines, control_lines, control_lines.peak))
    return cuts


def largest_saving(cuts: Sequence[PeakCut]) -> PeakCut | None:
    """The cut that saves most of all arms, under the largest load."""
    return max(cuts, key=lambda cut: (cut.load, cut.saved), default=None)


def _cut(record: MemoryRecord, control: str, lines: Lines, control_lines: Lines, control_peak: int) -> PeakCut:
    return PeakCut(
        arm=record.arm,
        control=control,
        load=record.load,
        lines=lines,
        control_lines=control_lines,
        shares={name: 100 * part / control_peak for name, part in control_lines.at_peak.items()},
        saved=control_lines.beside_weights - lines.beside_weights,
        own=percent_change(lines.own, control_lines.own),
        decode_cache=percent_change(lines.decode_cache, control_lines.decode_cache),
        peak=percent_change(lines.peak, control_lines.peak),
        process=percent_change(lines.process, control_lines.process),
    )
