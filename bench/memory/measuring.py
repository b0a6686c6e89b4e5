"""One arm decoding one load, measured: live tensors everywhere, the allocator and the driver where there is a GPU."""

from __future__ import annotations

from typing import Any

import torch

from bench.arms import Arm
from bench.memory.budget import Decoding
from bench.memory.claims import claim_of
from bench.memory.running import Run
from bench.memory_records import Load, MeasuredBytes, Phases


@torch.inference_mode()
def measure(arm: Arm, load: Load, device_before: int | None = None) -> MeasuredBytes:
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
    claim = claim_of(arm, Decoding(load, frames, arm.model.dtype.itemsize, arm.source.spec.kv))
    context, source = run.context(device_before)
    return MeasuredBytes(
        weights=weights_of(arm.model),
        own=held.own,
        cross=held.cross,
        states=run.states.untyped_storage().nbytes(),
        own_claimed=claim.own if claim else None,
        cross_claimed=claim.cross if claim else None,
        phases=Phases(run.phases["encode"], run.phases["prefill"], run.phases["decode"]),
        reserved=run.reserved if run.on_gpu else None,
        context=context,
        process_source=source,
        seconds=seconds if run.on_gpu else None,
    )


def _warm_up(arm: Arm) -> None:
    """One clip and one token first: libraries take their workspaces and pick their kernels at the first call."""
    run = Run(arm, Load(batch=1, beams=1, positions=0))
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
