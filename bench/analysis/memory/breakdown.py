"""Where the bytes of one measured cell went: lines that add up to what the driver says of the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

PHASES = ("encode", "prefill", "decode")


@dataclass(frozen=True)
class Lines:
    """Bytes. weights + own + cross + states + transient = peak, + slack = reserved, + context = process.

    The first four are live after the last token. `peak`: the most that was allocated at once, in `peak_phase`, and
    `transient` what it was beyond them; `transients`: in each phase, beyond what is held at that phase's end, as no
    cache is while encoding. `slack`: the most that the allocator reserved, beyond the peak; `context`: what the driver
    says of the process beyond the allocator. None without a GPU, or where the driver cannot be asked.
    """

    weights: int
    own: int
    cross: int
    states: int
    peak: int | None
    peak_phase: str | None
    transient: int | None
    slack: int | None
    context: int | None
    process: int | None
    transients: dict[str, int | None]
    at_peak: dict[str, int]

    @property
    def decode_cache(self) -> int:
        """All that attention reads at a step; encoder states only where nothing else is kept of the audio."""
        return self.own + (self.cross or self.states)

    @property
    def held(self) -> int:
        """Live after the last token."""
        return self.weights + self.own + self.cross + self.states


def lines_of(row: dict[str, Any]) -> Lines:
    """Of a record whose outcome is ok."""
    weights, own, cross, states = (int(row[name]) for name in ("weights", "own", "cross", "states"))
    parts = {phase: _parts(row, phase, weights, states) for phase in PHASES}
    peaks = {phase: _bytes(row, f"{phase}_peak") for phase in PHASES}
    known = {phase: peak for phase, peak in peaks.items() if peak is not None}
    phase = max(known, key=lambda name: known[name]) if known else None
    peak, reserved, context = (None if phase is None else known[phase]), _bytes(row, "reserved"), _bytes(row, "context")
    at_peak = {} if phase is None else parts[phase] | {"transients": known[phase] - sum(parts[phase].values())}
    return Lines(
        *(weights, own, cross, states, peak, phase),
        transient=_difference(peak, weights + own + cross + states),
        slack=_difference(reserved, peak),
        context=context,
        process=None if reserved is None or context is None else reserved + context,
        transients={name: _difference(peaks[name], sum(parts[name].values())) for name in PHASES},
        at_peak=at_peak,
    )


def _parts(row: dict[str, Any], phase: str, weights: int, states: int) -> dict[str, int]:
    """What is held at a phase's end."""
    own, cross = (_bytes(row, f"{phase}_{name}") or 0 for name in ("own", "cross"))
    return {"weights": weights, "self cache": own, "cross cache": cross, "encoder states": states}


def _bytes(row: dict[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else int(value)


def _difference(all_of_it: int | None, part: int | None) -> int | None:
    return None if all_of_it is None or part is None else all_of_it - part
