"""The columns of memory.parquet, one row a record: name, type and meaning of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from bench.memory_records.record import PHASES

TEXT, COUNT, SECONDS = pa.string(), pa.int64(), pa.float64()
Known = Literal["always", "fitted", "perhaps"]


@dataclass(frozen=True)
class Column:
    """A column; `known`: for every record, for every load that fitted (null elsewhere), or perhaps for neither."""

    name: str
    type: pa.DataType
    known: Known
    doc: str


def _phase_columns() -> Iterator[Column]:
    for phase in PHASES:
        yield Column(f"{phase}_own", COUNT, "fitted", f"bytes of self-attention's cache at the end of {phase}")
        yield Column(f"{phase}_cross", COUNT, "fitted", f"bytes of cross-attention's cache at the end of {phase}")
        yield Column(f"{phase}_peak", COUNT, "perhaps", f"most bytes allocated during {phase}; null without a GPU")


COLUMNS: tuple[Column, ...] = (
    Column("arm", TEXT, "always", "the arm's id: its name, and its training seed where it has one"),
    Column("control", TEXT, "perhaps", "id of the arm that it is held against; null for a control"),
    Column("dtype", TEXT, "always", "float32, float16 or bfloat16, of weights and caches"),
    Column("batch", COUNT, "always", "clips at once"),
    Column("beams", COUNT, "always", "beams a clip"),
    Column("positions", COUNT, "always", "cached text positions, the prompt among them"),
    Column("kv", TEXT, "perhaps", "int8 where the cache is stored so; null where it is in the dtype"),
    Column("outcome", TEXT, "always", "ok, out of memory, or failed: and why"),
    Column("weights", COUNT, "fitted", "live bytes of parameters and buffers, tied ones once"),
    Column("own", COUNT, "fitted", "live bytes of self-attention's cache after the last token"),
    Column("cross", COUNT, "fitted", "live bytes of cross-attention's cache, without the encoder states"),
    Column("states", COUNT, "fitted", "live bytes of the encoder states"),
    Column("own_claimed", COUNT, "perhaps", "own as the config says, in closed form; null where it says nothing known"),
    Column("cross_claimed", COUNT, "perhaps", "cross as the config says; null where it says nothing known"),
    *_phase_columns(),
    Column("reserved", COUNT, "perhaps", "most bytes that the allocator took from the driver; null without a GPU"),
    Column("context", COUNT, "perhaps", "bytes that the driver counts beyond the allocator's; null where not asked"),
    Column("process_source", TEXT, "perhaps", "whose bytes the driver counts: of the process, or of the whole device"),
    Column("seconds", SECONDS, "perhaps", "seconds a token of decoding; null without a GPU or with too few tokens"),
    Column("device", TEXT, "perhaps", "the GPU's name, or no GPU; null where the system ended the process"),
    Column("driver", TEXT, "perhaps", "version of the GPU's driver; null without one"),
    Column("attention", TEXT, "perhaps", "implementation of attention; null with the device"),
    Column("torch", TEXT, "perhaps", "version of torch; null with the device"),
    Column("transformers", TEXT, "perhaps", "version of transformers; null with the device"),
)
SCHEMA = pa.schema([pa.field(column.name, column.type, nullable=column.known != "always") for column in COLUMNS])
