"""One arm decoding one load, measured: live tensors everywhere, the allocator and the driver where there is a GPU."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import FRAMES_PER_POSITION, Arm, prompt_of
from bench.memory.budget import Load
from bench.memory.claims import claim_of
from bench.memory.driver import driver_bytes
from bench.memory.walking import split_cache

LANGUAGE = "en"
"""Of the prompt; any would do."""


@dataclass(frozen=True)
class Phase:
    """`held`: weights, encoder states and caches at its end; `peak`: the allocator's within it, None without a GPU."""

    held: int
    peak: int | None


@dataclass(frozen=True)
class Measured:
    """Bytes of one arm under one load, of the live tensors after the last token.

    `own_claimed` and `cross_claimed`: what its config says they are, in closed form; None where it says nothing that is
    known here. `phases`: encode, prefill and decode. `reserved`: what the allocator took from the driver; `process`:
    what the driver says, and `process_source` whether that is of this process alone; `seconds` a token, of decoding.
    None without a GPU.
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
    process: int | None
    process_source: str | None


@torch.inference_mode()
def measure(arm: Arm, load: Load, device_before: int | None = None) -> Measured:
    """Encodes noise, feeds the prompt, and takes the likeliest token until `load.positions` are cached.

    The end of text does not end it, so that every arm holds as many positions. Beams are rows of their own with a cache
    of their own, put into another order at every step, as beam search does. `device_before`: what the GPU held before
    the arm was on it, for drivers that do not tell processes apart.
    """
    _warm_up(arm)
    run, steps = _Run(arm, load), load.positions - len(prompt_of(arm.tokenizer, LANGUAGE))
    with run.phase("encode"):
        run.encode()
    with run.phase("prefill"):
        run.prefill()
    started = time.perf_counter()
    with run.phase("decode"):
        for _ in range(steps):
            run.step()
    seconds = (time.perf_counter() - started) / max(steps, 1)
    held = split_cache(run.cache, run.states.shape[1], run.states)
    claim = claim_of(arm.model, replace(load, frames=run.states.shape[1]))
    on_gpu = run.device.type == "cuda"
    return Measured(
        weights_of(arm.model),
        held.own,
        held.cross,
        run.states.untyped_storage().nbytes(),
        claim.own if claim else None,
        claim.cross if claim else None,
        run.phases,
        seconds if on_gpu else None,
        torch.cuda.memory_reserved(run.device) if on_gpu else None,
        *driver_bytes(run.device, device_before),
    )


@dataclass
class _Run:
    """One pass over one load: what is live at each moment of it."""

    arm: Arm
    load: Load
    phases: dict[str, Phase] = field(default_factory=dict)
    cache: Any = None
    states: Any = None
    token: Any = None

    @property
    def device(self) -> torch.device:
        return torch.device(self.arm.model.device)

    def encode(self) -> None:
        states = self.arm.model.get_encoder()(_features(self.arm, self.load.batch)).last_hidden_state
        self.states = states.repeat_interleave(self.load.beams, dim=0) if self.load.beams > 1 else states

    def prefill(self) -> None:
        self.cache = self.arm.new_cache()
        ids = [prompt_of(self.arm.tokenizer, LANGUAGE)] * self.load.rows
        self._feed(torch.tensor(ids, device=self.device))

    def step(self) -> None:
        self._reorder()
        self._feed(self.token)

    def _feed(self, ids: Tensor) -> None:
        """Caches these tokens and finds the likeliest next one of each row."""
        made = self.arm.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=self.states),
            decoder_input_ids=ids,
            past_key_values=self.cache,
            use_cache=True,
        )
        self.cache, self.token = made.past_key_values, made.logits[:, -1:].argmax(dim=-1)

    def _reorder(self) -> None:
        """Each clip's beams backwards, where the cache can do it: a copy of all of it, as beam search makes."""
        if self.load.beams > 1 and hasattr(self.cache, "reorder_cache"):
            rows = torch.arange(self.load.rows, device=self.device)
            self.cache.reorder_cache(rows.reshape(self.load.batch, self.load.beams).flip(1).flatten())

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Notes what is held after one phase, and the allocator's peak within it on a GPU."""
        on_gpu = self.device.type == "cuda"
        if on_gpu:
            torch.cuda.synchronize(self.device)
            torch.cuda.reset_peak_memory_stats(self.device)
        yield
        if on_gpu:
            torch.cuda.synchronize(self.device)
        peak = torch.cuda.max_memory_allocated(self.device) if on_gpu else None
        self.phases[name] = Phase(self._held(), peak)

    def _held(self) -> int:
        cached = split_cache(self.cache, self.states.shape[1], self.states)
        states = int(self.states.untyped_storage().nbytes())
        return weights_of(self.arm.model) + states + cached.own + cached.cross


def _warm_up(arm: Arm) -> None:
    """One clip and one token first: libraries take their workspaces and pick their kernels at the first call."""
    run = _Run(arm, Load(1, 1, 0, 0, 0))
    run.encode()
    run.prefill()
    run.step()
    if run.device.type == "cuda":
        del run
        torch.cuda.empty_cache()


def _features(arm: Arm, batch: int) -> Tensor:
    """Noise, the same for every arm: what is said does not change what is held."""
    config = arm.model.config
    frames = FRAMES_PER_POSITION * config.max_source_positions
    noise = torch.randn(batch, config.num_mel_bins, frames, generator=torch.Generator().manual_seed(0))
    return noise.to(arm.model.device, arm.model.dtype)


def weights_of(model: Any) -> int:
    """Live bytes of parameters and buffers, tied ones once."""
    tensors = [*model.parameters(), *model.buffers()]
    storages: dict[int, int] = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors
    }
    return sum(storages.values())
