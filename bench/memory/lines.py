"""Where the bytes of one measured cell went: lines that add up to what the driver says of the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

PHASES = ("encode", "prefill", "decode")


@dataclass(frozen=True)
class Lines:
    """Bytes. weights + own + cross + states + transient = peak, + slack = reserved, + context = process.

    `transient`: whatever else was allocated at the moment of the peak; `transients`: the same of each phase, beside
    what was held at its end. `slack`: reserved by the allocator beyond the peak; `context`: of the process beyond that.
    None without a GPU.
    """

    weights: int
    own: int
    cross: int
    states: int
    transient: int | None
    slack: int | None
    context: int | None
    transients: dict[str, int | None]

    @property
    def peak(self) -> int | None:
        """Most that was allocated at once."""
        return None if self.transient is None else self.held + self.transient

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
    peaks = {phase: _bytes(row, f"{phase}_peak") for phase in PHASES}
    known = [peak for peak in peaks.values() if peak is not None]
    peak, reserved, process = max(known, default=None), _bytes(row, "reserved"), _bytes(row, "process")
    return Lines(
        weights,
        own,
        cross,
        states,
        _difference(peak, weights + own + cross + states),
        _difference(reserved, peak),
        _difference(process, reserved),
        {phase: _difference(peaks[phase], _bytes(row, f"{phase}_held")) for phase in PHASES},
    )


def _bytes(row: dict[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else int(value)


def _difference(all_of_it: int | None, part: int | None) -> int | None:
    return None if all_of_it is None or part is None else all_of_it - part
