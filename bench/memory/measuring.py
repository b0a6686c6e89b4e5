"""One arm decoding one load, measured: live tensors everywhere, the allocator and the driver where there is a GPU."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from bench.arms import Arm
from bench.memory.budget import Load
from bench.memory.claims import claim_of
from bench.memory.running import Phase, Run


@dataclass(frozen=True)
class Measured:
    """Bytes of one arm under one load, of the live tensors after the last token.

    `own_claimed` and `cross_claimed`: what its config says they are, in closed form; None where it says nothing that is
    known here. `phases`: encode, prefill and decode. `reserved`: the most that the allocator took from the driver;
    `context`: what the driver says of the process beyond that, and `process_source` whether it says so of this process
    alone; `seconds` a token, of decoding. None without a GPU.
    """

    weights: int
    own: int
    cross: int
    states: int
    own_claimed: int | None
    cross_claimed: int | None
    phases: dict[str, Phase]
    seconds: float | None
    reserved: int | None
    context: int | None
    process_source: str | None


@torch.inference_mode()
def measure(arm: Arm, load: Load, device_before: int | None = None) -> Measured:
    """Encodes noise, feeds the prompt, and takes the likeliest token until `load.positions` are cached.

    The end of text does not end it, so that every arm holds as many positions. Beams are rows of their own with a cache
    of their own, put into another order at every step, as beam search does. `device_before`: what the GPU held before
    the arm was on it, for drivers that do not tell processes apart.
    """
    _warm_up(arm)
    run = Run(arm, load)
    with run.phase("encode"):
        run.encode()
    with run.phase("prefill"):
        run.prefill()
    with run.phase("decode"):
        seconds = run.decode()
    held, frames = run.caches(), run.states.shape[1]
    claim = claim_of(arm, replace(load, frames=frames))
    context, source = run.context(device_before)
    return Measured(
        weights_of(arm.model),
        held.own,
        held.cross,
        run.states.untyped_storage().nbytes(),
        claim.own if claim else None,
        claim.cross if claim else None,
        run.phases,
        seconds if run.on_gpu else None,
        run.reserved if run.on_gpu else None,
        context,
        source,
    )


def _warm_up(arm: Arm) -> None:
    """One clip and one token first: libraries take their workspaces and pick their kernels at the first call."""
    run = Run(arm, Load(1, 1, 0, 0, 0))
    run.encode()
    run.prefill()
    run.step()
    if run.on_gpu:
        del run
        torch.cuda.empty_cache()


def weights_of(model: Any) -> int:
    """Live bytes of parameters and buffers, tied ones once."""
    tensors = [*model.parameters(), *model.buffers()]
    storages: dict[int, int] = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors
    }
    return sum(storages.values())
