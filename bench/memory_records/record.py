"""One measured cell of memory: an arm under a load, how it went, and the bytes where it went well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from bench.memory_load import Load

OK = "ok"
"""The outcome of a load that fitted; any other is in words: out of memory, or what failed."""
Phase = Literal["encode", "prefill", "decode"]
PHASES: tuple[Phase, ...] = get_args(Phase)


@dataclass(frozen=True)
class PhaseBytes:
    """Caches at the end of a phase, and the allocator's `peak` within it, None without a GPU."""

    own: int
    cross: int
    peak: int | None


@dataclass(frozen=True)
class Phases:
    """What was held and allocated in each phase."""

    encode: PhaseBytes
    prefill: PhaseBytes
    decode: PhaseBytes

    def by_name(self) -> dict[Phase, PhaseBytes]:
        """The phases by name, in the order in which they run."""
        return {"encode": self.encode, "prefill": self.prefill, "decode": self.decode}


@dataclass(frozen=True)
class MeasuredBytes:
    """Bytes of one arm under one load, of the live tensors after the last token.

    `own_claimed` and `cross_claimed`: what its config says they are, in closed form; None where it says nothing that is
    known here. `reserved`: the most that the allocator took from the driver; `context`: what the driver says of the
    process beyond that, and `process_source` whether it says so of this process alone; `seconds` a token, of decoding.
    These are None without a GPU.
    """

    weights: int
    own: int
    cross: int
    states: int
    own_claimed: int | None
    cross_claimed: int | None
    phases: Phases
    reserved: int | None
    context: int | None
    process_source: str | None
    seconds: float | None


@dataclass(frozen=True)
class Environment:
    """What a cell was measured with; `driver`: of the GPU, None without one or where it cannot be asked."""

    device: str
    driver: str | None
    attention: str
    torch: str
    transformers: str


@dataclass(frozen=True)
class MemoryRecord:
    """One arm under one load, measured in a process of its own.

    `control`: the arm that it is held against, None for a control; `kv`: how its cache is stored, None in `dtype`.
    `measured` is there where `outcome` is ok, and nowhere else; `environment` is None where the system ended the
    process before it could say.
    """

    arm: str
    control: str | None
    dtype: str
    load: Load
    kv: str | None
    outcome: str
    measured: MeasuredBytes | None
    environment: Environment | None
