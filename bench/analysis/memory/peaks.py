"""What a cut of the cache does to the peak that the cache is only a part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.analysis.memory.breakdown import Lines, lines_of
from bench.analysis.memory.headlines import ok_records
from bench.frames import records as as_rows
from bench.memory.budget import percent_change

KEYS = ["dtype", "batch", "beams", "positions"]
OF_CONTROL = "_of_control"


@dataclass(frozen=True)
class PeakCut:
    """A converted arm and its control under one load (clips, beams, positions): how each sum changed, in per cent.

    `saved`: bytes of caches and encoder states that the arm does not hold; `shares`: per cent of the control's peak
    that each line is, in the phase of that peak.
    """

    arm: str
    control: str
    load: tuple[int, int, int]
    lines: Lines
    control_lines: Lines
    shares: dict[str, float]
    saved: int
    own: float | None
    decode_cache: float | None
    peak: float | None
    process: float | None


def peak_cuts(records: pd.DataFrame) -> list[PeakCut]:
    """One an arm with a control and load that both fitted on a GPU."""
    rows = ok_records(records)
    converted = rows[rows["control"].notna()]
    pairs = converted.merge(rows, left_on=["control", *KEYS], right_on=["arm", *KEYS], suffixes=("", OF_CONTROL))
    found = []
    for row in as_rows(pairs):
        named = {key.removesuffix(OF_CONTROL): value for key, value in row.items() if key.endswith(OF_CONTROL)}
        lines, control = lines_of(row), lines_of(row | named)
        if lines.peak is not None and control.peak is not None:
            found.append(_cut(row, lines, control, control.peak))
    return found


def largest_saving(cuts: list[PeakCut]) -> PeakCut | None:
    """Of all arms, under the largest load."""
    return max(cuts, key=lambda each: (each.load, each.saved), default=None)


def _cut(row: dict[str, Any], lines: Lines, control: Lines, peak: int) -> PeakCut:
    return PeakCut(
        str(row["arm"]),
        str(row["control"]),
        (int(row["batch"]), int(row["beams"]), int(row["positions"])),
        lines,
        control,
        {name: 100 * part / peak for name, part in control.at_peak.items()},
        control.held - control.weights - (lines.held - lines.weights),
        percent_change(lines.own, control.own),
        percent_change(lines.decode_cache, control.decode_cache),
        percent_change(lines.peak, control.peak),
        percent_change(lines.process, control.process),
    )
