"""Why a peak shrinks by less than the cache that is in it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.frames import records as as_rows
from bench.memory.budget import percent_change
from bench.memory.headlines import ok_records
from bench.memory.lines import Lines, lines_of


@dataclass(frozen=True)
class PeakCut:
    """A converted arm and its control under one load: what each line holds, and how each sum changed, per cent.

    `saved`: bytes of caches and encoder states that the arm does not hold; `shares`: per cent of the control's peak
    that each of its lines is.
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
    if rows["process"].isna().all():
        return []
    keys = ["dtype", "batch", "beams", "positions"]
    pairs = rows[rows["control"].notna()].merge(
        rows, left_on=["control", *keys], right_on=["arm", *keys], suffixes=("", "_of_control"), validate="many_to_one"
    )
    suffix = "_of_control"
    found = []
    for row in as_rows(pairs):
        of_control = row | {name.removesuffix(suffix): value for name, value in row.items() if name.endswith(suffix)}
        found.append(_cut(row, lines_of(row), lines_of(of_control), of_control["process"]))
    return found


def _cut(row: dict[str, object], lines: Lines, control: Lines, control_process: float) -> PeakCut:
    load = tuple(int(str(row[name])) for name in ("batch", "beams", "positions"))
    peak = control.peak or 1
    parts = {"weights": control.weights, "self cache": control.own, "cross cache": control.cross}
    parts |= {"encoder states": control.states, "transients": control.transient or 0}
    return PeakCut(
        str(row["arm"]),
        str(row["control"]),
        (load[0], load[1], load[2]),
        lines,
        control,
        {name: 100 * part / peak for name, part in parts.items()},
        control.held - control.weights - (lines.held - lines.weights),
        percent_change(lines.own, control.own),
        percent_change(lines.decode_cache, control.decode_cache),
        percent_change(lines.peak, control.peak),
        percent_change(float(str(row["process"])), control_process),
    )
