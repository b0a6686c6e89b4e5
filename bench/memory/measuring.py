"""One arm decoding one load, measured: live tensors everywhere, the allocator and the driver where there is a GPU."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import FRAMES_PER_POSITION, Arm
from bench.memory.budget import Load, budget_of
from bench.memory.driver import driver_bytes
from bench.memory.skeletons import make_skeleton
from bench.memory.walking import split_cache
from bench.mla.shapes import LatentShape, Module, read_shapes

PROMPT = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>")


@dataclass(frozen=True)
class Measured:
    """Bytes of one arm under one load, after the last token.

    `own_claimed` and `cross_claimed`: what its config says they are, in closed form. `peaks`: the allocator's peak in
    each phase; `reserved`: what it holds; `process`: what the driver says, and `process_source` whether that
    is of this process alone; None without a GPU. `seconds` a token, of decoding.
    """

    weights: int
    own: int
    cross: int
    states: int
    own_claimed: int
    cross_claimed: int
    seconds: float
    peaks: dict[str, int] | None
    reserved: int | None
    process: int | None
    process_source: str | None


@torch.inference_mode()
def measure(arm: Arm, load: Load, device_before: int | None = None) -> Measured:
    """Encodes noise, feeds the prompt, and takes the likeliest token until `load.positions` are cached.

    The end of text does not end it, so that every arm holds as many positions. Beams are rows of their own with a cache
    of their own, put into another order at every step, as beam search does. `device_before`: what the GPU held before
    the arm was on it, for drivers that do not tell processes apart.
    """
    model, device = arm.model, arm.model.device
    peaks: dict[str, int] = {}
    features = _features(arm, load.batch)
    with _phase("encode", device, peaks):
        states = model.get_encoder()(features).last_hidden_state
        states = states.repeat_interleave(load.beams, dim=0) if load.beams > 1 else states
        del features
    outputs = BaseModelOutput(last_hidden_state=states)
    ids = torch.tensor([arm.tokenizer.convert_tokens_to_ids(list(PROMPT))] * load.rows, device=device)
    with _phase("prefill", device, peaks):
        cache, token = _step(model, outputs, ids, arm.new_cache())
    steps = load.positions - ids.shape[1]
    started = time.perf_counter()
    with _phase("decode", device, peaks):
        for _ in range(steps):
            _reorder(cache, load, device)
            cache, token = _step(model, outputs, token, cache)
    seconds = (time.perf_counter() - started) / max(steps, 1)
    held = split_cache(cache, states.shape[1], states)
    load = replace(load, frames=states.shape[1])
    claim = budget_of(make_skeleton(model.config, claimed_shapes(model)), load)
    reserved = torch.cuda.memory_reserved(device) if device.type == "cuda" else None
    return Measured(
        _weights(model),
        held.own,
        held.cross,
        states.untyped_storage().nbytes(),
        claim.own,
        claim.cross,
        seconds,
        peaks or None,
        reserved,
        *driver_bytes(device, device_before),
    )


def _features(arm: Arm, batch: int) -> Tensor:
    """Noise, the same for every arm: what is said does not change what is held."""
    config = arm.model.config
    frames = FRAMES_PER_POSITION * config.max_source_positions
    noise = torch.randn(batch, config.num_mel_bins, frames, generator=torch.Generator().manual_seed(0))
    return noise.to(arm.model.device, arm.model.dtype)


def _step(model: Any, outputs: BaseModelOutput, ids: Tensor, cache: Any) -> tuple[Any, Tensor]:
    """The cache after these tokens, and the likeliest next one of each row."""
    made = model(encoder_outputs=outputs, decoder_input_ids=ids, past_key_values=cache, use_cache=True)
    return made.past_key_values, made.logits[:, -1:].argmax(dim=-1)


def _reorder(cache: Any, load: Load, device: torch.device) -> None:
    """Each clip's beams backwards, where the cache can do it: a copy of all of it, as beam search makes."""
    if load.beams > 1 and hasattr(cache, "reorder_cache"):
        index = torch.arange(load.rows, device=device).reshape(load.batch, load.beams).flip(1).flatten()
        cache.reorder_cache(index)


@contextmanager
def _phase(name: str, device: torch.device, peaks: dict[str, int]) -> Iterator[None]:
    """Notes the allocator's peak of one phase, on a GPU."""
    if device.type != "cuda":
        yield
        return
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    yield
    torch.cuda.synchronize(device)
    peaks[name] = torch.cuda.max_memory_allocated(device)


def _weights(model: Any) -> int:
    """Live bytes of parameters and buffers, tied ones once."""
    tensors = [*model.parameters(), *model.buffers()]
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


def claimed_shapes(model: Any) -> dict[Module, LatentShape]:
    """What its config says it caches; where that says nothing, what the shapes of its weights say."""
    tensors = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    claimed = getattr(model.config, "mla", None) or read_shapes(tensors)
    return {module: LatentShape(**shape) for module, shape in claimed.items()}
