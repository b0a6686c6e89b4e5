"""One pass of an arm over one load, phase by phase, and what is live at each moment of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import FRAMES_PER_POSITION, Arm
from bench.memory.cache_bytes import reorder, split_cache
from bench.memory.driver import driver_bytes
from bench.memory_records import Load, Phase, PhaseBytes
from bench.mla.layout import HeldBytes

LANGUAGE = "en"
"""The language of the prompt; any would do, and English-only models know no other."""
UNTIMED = 3
"""Steps of decoding before the clock starts: the first of a shape load what they run."""


@dataclass
class Run:
    """One pass over one load: what is live at each moment of it."""

    arm: Arm
    load: Load
    phases: dict[Phase, PhaseBytes] = field(default_factory=dict)
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
        ids = [self.arm.vocabulary.prompt(LANGUAGE)] * self.load.rows
        self._feed(torch.tensor(ids, device=self.arm.model.device))

    def decode(self) -> float | None:
        """Seconds a token; None where too few are decoded to say."""
        steps, started = self.load.positions - len(self.arm.vocabulary.prompt(LANGUAGE)), 0.0
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

    def caches(self) -> HeldBytes:
        """Bytes of self- and cross-attention."""
        return split_cache(self.cache, self.states.shape[1], self.states)

    def context(self, device_before: int | None) -> tuple[int | None, str | None]:
        """What the driver says beyond what the allocator has now, and of what it says so."""
        if not self.on_gpu:
            return None, None
        process, source = driver_bytes(device_before)
        return (None if process is None else process - torch.cuda.memory_reserved()), source

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
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
        self.phases[name] = PhaseBytes(held.own, held.cross, peak)

    def _feed(self, ids: Tensor) -> None:
        """Caches these tokens and finds the likeliest next one of each row."""
        output = self.arm.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=self.states),
            decoder_input_ids=ids,
            past_key_values=self.cache,
            use_cache=True,
        )
        self.cache, self.token = output.past_key_values, output.logits[:, -1:].argmax(dim=-1)

    def _wait(self) -> None:
        if self.on_gpu:
            torch.cuda.synchronize()


def _features(arm: Arm, batch: int) -> Tensor:
    """One clip of noise for every row and every arm: what is said does not change what is held."""
    config = arm.model.config
    frames = FRAMES_PER_POSITION * config.max_source_positions
    noise = torch.randn(1, config.num_mel_bins, frames, generator=torch.Generator().manual_seed(0))
    return noise.to(arm.model.device, arm.model.dtype).repeat(batch, 1, 1)
