"""What passes between the process that measures a suite and that of each cell: a line of JSON there, one back."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from bench.memory_records import Environment, Load, MeasuredBytes

OUT_OF_MEMORY = "out of memory"


@dataclass(frozen=True)
class CellRequest:
    """What to measure; `suite`: its name or file as it was typed, `arm`: the arm's id."""

    suite: str
    arm: str
    dtype: str
    device: str
    load: Load


@dataclass(frozen=True)
class CellResult:
    """How it went, as in a MemoryRecord."""

    outcome: str
    measured: MeasuredBytes | None = None
    environment: Environment | None = None


@dataclass(frozen=True)
class CellRefusal:
    """The message of a BenchError: something the user can mend."""

    message: str


REQUEST = TypeAdapter(CellRequest)
ANSWER: TypeAdapter[CellResult | CellRefusal] = TypeAdapter(CellResult | CellRefusal)
