"""Where the bytes of one measured cell went: lines that add up to what the driver says of the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.memory_records import MeasuredBytes, MemoryRecord, Phase, PhaseBytes
from bench.memory_sums import decode_cache


@dataclass(frozen=True)
class Lines:
    """Bytes. weights + own + cross + states + transient = peak, + slack = reserved, + context = process.

    The first four are live after the last token. `peak`: the most that was allocated at once, in `peak_phase`, and
    `transient` what it was beyond them; `transients`: in each phase, beyond what is held at that phase's end, as no
    cache is while encoding; `at_peak`: what the peak is made of, by name. `slack`: the most that the allocator
    reserved, beyond the peak; `context`: what the driver says of the process beyond the allocator. None, and `at_peak`
    empty, without a GPU, or where the driver cannot be asked.
    """

    weights: int
    own: int
    cross: int
    states: int
    peak: int | None
    peak_phase: Phase | None
    transient: int | None
    slack: int | None
    context: int | None
    process: int | None
    transients: dict[Phase, int | None]
    at_peak: dict[str, int]

    @property
    def decode_cache(self) -> int:
        """All that attention reads at a step."""
        return decode_cache(self.own, self.cross, self.states)

    @property
    def beside_weights(self) -> int:
        """Caches and encoder states, live after the last token."""
        return self.own + self.cross + self.states


def fitted_lines(records: Iterable[MemoryRecord]) -> Iterator[tuple[MemoryRecord, Lines]]:
    """Yields every record of a load that fitted, with where its bytes went."""
    for record in records:
        if record.measured is not None:
            yield record, lines_of(record.measured)


def lines_of(measured: MeasuredBytes) -> Lines:
    """Where these bytes went."""
    phases = measured.phases.by_name()
    parts = {name: _parts(measured, caches) for name, caches in phases.items()}
    peaks = {name: caches.peak for name, caches in phases.items()}
    phase, peak = _highest(peaks)
    held = measured.weights + measured.own + measured.cross + measured.states
    process = None
    if measured.reserved is not None and measured.context is not None:
        process = measured.reserved + measured.context
    return Lines(
        weights=measured.weights,
        own=measured.own,
        cross=measured.cross,
        states=measured.states,
        peak=peak,
        peak_phase=phase,
        transient=_difference(peak, held),
        slack=_difference(measured.reserved, peak),
        context=measured.context,
        process=process,
        transients={name: _difference(peaks[name], sum(parts[name].values())) for name in phases},
        at_peak={} if phase is None or peak is None else _with_transients(parts[phase], peak),
    )


def has_peaks(records: Iterable[MemoryRecord]) -> bool:
    """Whether any load that fitted was measured on a GPU."""
    return any(record.measured is not None and record.measured.reserved is not None for record in records)


def _highest(peaks: dict[Phase, int | None]) -> tuple[Phase | None, int | None]:
    """The phase with the highest peak, the first of several, and that peak."""
    known = [(phase, peak) for phase, peak in peaks.items() if peak is not None]
    return max(known, key=lambda pair: pair[1], default=(None, None))


def _parts(measured: MeasuredBytes, caches: PhaseBytes) -> dict[str, int]:
    """What is held at the end of a phase."""
    return {
        "weights": measured.weights,
        "self cache": caches.own,
        "cross cache": caches.cross,
        "encoder states": measured.states,
    }


def _with_transients(parts: dict[str, int], peak: int) -> dict[str, int]:
    return parts | {"transients": peak - sum(parts.values())}


def _difference(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part
