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
from bench.memory.walking import reorder, split_cache

LANGUAGE = "en"
"""Of the prompt; any would do."""
UNTIMED = 3
"""Steps of decoding before the clock starts: the first of a shape load what they run."""


@dataclass(frozen=True)
class Phase:
    """Caches at its end, and the allocator's peak within it, None without a GPU."""

    own: int
    cross: int
    peak: int | None


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


@dataclass
class Run:
    """One pass over one load: what is live at each moment of it."""

    arm: Arm
    load: Load
    phases: dict[str, Phase] = field(default_factory=dict)
    reserved: int = 0
    cache: Any = None
    states: Any = None
    token: Any = None

    @property
    def on_gpu(self) -> bool:
        return torch.device(self.arm.model.device).type == "cuda"

    def encode(self) -> None:
        states = self.arm.model.get_encoder()(_features(self.arm, self.load.batch)).last_hidden_state
        self.states = states.repeat_interleave(self.load.beams, dim=0) if self.load.beams > 1 else states

    def prefill(self) -> None:
        self.cache = self.arm.new_cache()
        ids = [prompt_of(self.arm.tokenizer, LANGUAGE)] * self.load.rows
        self._feed(torch.tensor(ids, device=self.arm.model.device))

    def decode(self) -> float | None:
        """Seconds a token; None where too few are decoded to say."""
        steps, started = self.load.positions - len(prompt_of(self.arm.tokenizer, LANGUAGE)), 0.0
        for step in range(steps):
            if step == UNTIMED:
                self._wait()
                started = time.perf_counter()
            self.step()
        self._wait()
        return (time.perf_counter() - started) / (steps - UNTIMED) if steps > UNTIMED else None

    def step(self) -> None:
        if self.load.beams > 1:
            rows = torch.arange(self.load.rows, device=self.arm.model.device)
            backwards = rows.reshape(self.load.batch, self.load.beams).flip(1).flatten()
            self.cache = reorder(self.cache, backwards)
        self._feed(self.token)

    def caches(self) -> Any:
        """Bytes of self- and cross-attention."""
        return split_cache(self.cache, self.states.shape[1], self.states)

    def context(self, device_before: int | None) -> tuple[int | None, str | None]:
        """What the driver says beyond what the allocator has now, and of what it says so."""
        if not self.on_gpu:
            return None, None
        process, source = driver_bytes(device_before)
        return (None if process is None else process - torch.cuda.memory_reserved()), source

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Notes what is cached after one phase, and on a GPU the allocator's peaks within it.

        The most that it reserved too: where memory is short it gives segments back that an earlier phase took.
        """
        if self.on_gpu:
            self._wait()
            torch.cuda.reset_peak_memory_stats()
        yield
        peak = None
        if self.on_gpu:
            self._wait()
            peak = torch.cuda.max_memory_allocated()
            self.reserved = max(self.reserved, torch.cuda.max_memory_reserved())
        held = self.caches()
        self.phases[name] = Phase(held.own, held.cross, peak)

    def _feed(self, ids: Tensor) -> None:
        """Caches these tokens and finds the likeliest next one of each row."""
        made = self.arm.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=self.states),
            decoder_input_ids=ids,
            past_key_values=self.cache,
            use_cache=True,
        )
        self.cache, self.token = made.past_key_values, made.logits[:, -1:].argmax(dim=-1)

    def _wait(self) -> None:
        if self.on_gpu:
            torch.cuda.synchronize()


def _warm_up(arm: Arm) -> None:
    """One clip and one token first: libraries take their workspaces and pick their kernels at the first call."""
    run = Run(arm, Load(1, 1, 0, 0, 0))
    run.encode()
    run.prefill()
    run.step()
    if run.on_gpu:
        del run
        torch.cuda.empty_cache()


def _features(arm: Arm, batch: int) -> Tensor:
    """One clip of noise for every row and every arm: what is said does not change what is held."""
    config = arm.model.config
    frames = FRAMES_PER_POSITION * config.max_source_positions
    noise = torch.randn(1, config.num_mel_bins, frames, generator=torch.Generator().manual_seed(0))
    return noise.to(arm.model.device, arm.model.dtype).repeat(batch, 1, 1)


def weights_of(model: Any) -> int:
    """Live bytes of parameters and buffers, tied ones once."""
    tensors = [*model.parameters(), *model.buffers()]
    storages: dict[int, int] = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors
    }
    return sum(storages.values())
