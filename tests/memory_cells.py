"""Made-up records of memory: a GPU's, the same without one, and of loads that did not fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.memory_records import (
    OK,
    Environment,
    Load,
    MeasuredBytes,
    MemoryRecord,
    PhaseBytes,
    Phases,
)

MIB = 2**20
WEIGHTS, OWN, CROSS, STATES = 40 * MIB, 6144, 9 * MIB, MIB
"""Of the control: bytes, a position, a clip, a clip."""
GPU = Environment(device="a GPU", driver="1.2", attention="sdpa", torch="2", transformers="5")


def record(arm: str, batch: int, positions: int = 400, cut: float = 0.0) -> MemoryRecord:
    """A cell on a GPU: transients of 10 MiB a clip in the encoder and 1 MiB later, 20 MiB of slack, 500 of context."""
    own, cross = int(batch * positions * OWN * (1 - cut)), batch * CROSS

    def phase(own: int, cross: int, transients: int) -> PhaseBytes:
        return PhaseBytes(own, cross, WEIGHTS + batch * (STATES + transients * MIB) + own + cross)

    phases = Phases(phase(0, 0, 10), phase(own // positions * 4, cross, 1), phase(own, cross, 1))
    measured = MeasuredBytes(
        weights=WEIGHTS,
        own=own,
        cross=cross,
        states=batch * STATES,
        own_claimed=own,
        cross_claimed=cross,
        phases=phases,
        reserved=max(held.peak or 0 for held in phases.by_name().values()) + 20 * MIB,
        context=500 * MIB,
        process_source="process",
        seconds=0.004,
    )
    return MemoryRecord(
        arm=arm,
        control=None if arm == "control" else "control",
        dtype="float16",
        load=Load(batch, 1, positions),
        kv=None,
        outcome=OK,
        measured=measured,
        environment=GPU,
    )


def memory_records() -> tuple[MemoryRecord, ...]:
    """A control and two arms, with one clip and with 16."""
    arms = (("control", 0.0), ("mla", 0.625), ("other", 0.5))
    return tuple(record(arm, batch, cut=cut) for arm, cut in arms for batch in (1, 16))


def failed_record(arm: str, batch: int) -> MemoryRecord:
    """A load that the system ended for want of memory."""
    return replace(record(arm, batch), outcome="out of memory", measured=None, environment=None)


def measured_of(record: MemoryRecord) -> MeasuredBytes:
    """Of a load that fitted."""
    assert record.measured is not None
    return record.measured


def with_bytes(record: MemoryRecord, **changes: Any) -> MemoryRecord:
    """The same record with other bytes."""
    return replace(record, measured=replace(measured_of(record), **changes))


def without_gpu(records: Sequence[MemoryRecord]) -> list[MemoryRecord]:
    """As a CPU measures them."""
    changed = []
    for one in records:
        phases = Phases(*(replace(held, peak=None) for held in measured_of(one).phases.by_name().values()))
        nothing = dict.fromkeys(("reserved", "context", "process_source", "seconds"))
        environment = replace(GPU, device="no GPU", driver=None)
        changed.append(replace(with_bytes(one, phases=phases, **nothing), environment=environment))
    return changed
