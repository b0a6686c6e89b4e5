"""The columns of memory.parquet: a row an arm and load."""

from __future__ import annotations

from collections.abc import Iterator

from bench.io.columns import COUNT, NUMBER, TEXT, Column, Schema
from bench.memory_records.record import PHASES, MemoryRecord


def _columns() -> Iterator[Column]:
    yield Column("arm", "arm", TEXT, "id of the arm: its name, and its training seed where it has one")
    yield Column("control", "control", TEXT, "id of the arm that it is held against; null for a control")
    yield Column("dtype", "dtype", TEXT, "float32, float16 or bfloat16, of weights and caches")
    yield Column("batch", "load.batch", COUNT, "clips at once")
    yield Column("beams", "load.beams", COUNT, "beams a clip")
    yield Column("positions", "load.positions", COUNT, "cached text positions, the prompt among them")
    yield Column("kv", "kv", TEXT, "int8 where the cache is stored so; null where it is in the dtype")
    yield Column("outcome", "outcome", TEXT, "ok, out of memory, or failed: and why; bytes are null where it is not ok")
    yield from _held_columns()
    for phase in PHASES:
        yield from _phase_columns(phase)
    yield from _gpu_columns()
    yield from _environment_columns()


def _held_columns() -> Iterator[Column]:
    yield Column("weights", "measured.weights", COUNT, "live bytes of parameters and buffers, tied ones once")
    yield Column("own", "measured.own", COUNT, "live bytes of the self-attention cache after the last token")
    yield Column("cross", "measured.cross", COUNT, "the same of the cross-attention cache, without encoder states")
    yield Column("states", "measured.states", COUNT, "live bytes of the encoder states")
    yield Column(
        "own_claimed", "measured.own_claimed", COUNT, "own by the config, in closed form; null: it says nothing"
    )
    yield Column("cross_claimed", "measured.cross_claimed", COUNT, "cross by the config; null: it says nothing")


def _phase_columns(phase: str) -> Iterator[Column]:
    path = f"measured.phases.{phase}"
    yield Column(f"{phase}_own", f"{path}.own", COUNT, f"live bytes of the self-attention cache after {phase}")
    yield Column(f"{phase}_cross", f"{path}.cross", COUNT, f"live bytes of the cross-attention cache after {phase}")
    yield Column(f"{phase}_peak", f"{path}.peak", COUNT, f"most bytes allocated during {phase}; null without a GPU")


def _gpu_columns() -> Iterator[Column]:
    yield Column("reserved", "measured.reserved", COUNT, "most bytes that the allocator took; null without a GPU")
    yield Column("context", "measured.context", COUNT, "bytes the driver counts beyond them; null: it was not asked")
    yield Column("process_source", "measured.process_source", TEXT, "process or device: whose bytes the driver counts")
    yield Column("seconds", "measured.seconds", NUMBER, "seconds a token; null without a GPU or with too few tokens")


def _environment_columns() -> Iterator[Column]:
    yield Column("device", "environment.device", TEXT, "the GPU's name, or no GPU; null: the system ended the process")
    yield Column("driver", "environment.driver", TEXT, "version of the GPU's driver; null without one")
    yield Column("attention", "environment.attention", TEXT, "which implementation of attention; null with the device")
    yield Column("torch", "environment.torch", TEXT, "version of torch; null with the device")
    yield Column("transformers", "environment.transformers", TEXT, "version of transformers; null with the device")


MEMORY: Schema[MemoryRecord] = Schema(
    "memory", "an arm under a load, measured by `bench memory`", tuple(_columns()), lambda row: MemoryRecord
)
