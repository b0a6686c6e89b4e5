"""The bytes of decoding in closed form: weights, caches, encoder states. Nothing is loaded and nothing measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.mla.layout import KV, layout_of

ITEMSIZE = {"float32": 4, "float16": 2, "bfloat16": 2}
"""Bytes a value, by the dtypes a suite may name."""


@dataclass(frozen=True)
class Load:
    """What is decoded at once: `batch` clips with `beams` each, up to `positions` cached text positions (the prompt
    among them), over `frames` encoder positions; `itemsize`: bytes a value of the model's dtype.
    """

    batch: int
    beams: int
    positions: int
    frames: int
    itemsize: int
    kv: KV | None = None

    @property
    def rows(self) -> int:
        """Beams are decoded as rows of their own, each with a cache of its own."""
        return self.batch * self.beams


@dataclass(frozen=True)
class Budget:
    """Bytes. `states` are the encoder's, which stay for the whole of decoding; where cross-attention attends them
    itself, they are its cache (`states_are_cache`), and are counted once.
    """

    weights: int
    own: int
    cross: int
    states: int
    states_are_cache: bool

    @property
    def decode_cache(self) -> int:
        """All that attention reads at a step."""
        return self.own + self.cross + (self.states if self.states_are_cache else 0)

    @property
    def beside_weights(self) -> int:
        """Caches and encoder states, each once."""
        return self.own + self.cross + self.states

    @property
    def total(self) -> int:
        return self.weights + self.beside_weights


def percent_change(value: float | None, base: float | None) -> float | None:
    """By how much `value` is above `base`; None where either is not known or `base` is nothing."""
    return None if value is None or not base else 100 * (value / base - 1)


def budget_of(model: Any, load: Load) -> Budget:
    """Of a model or its skeleton: nothing but the shapes of its weights is looked at.

    `generate` gives every beam encoder states of its own, as it does caches.
    """
    layout = layout_of(model)
    weights = sum(parameter.numel() for parameter in model.parameters()) * load.itemsize
    own = load.rows * layout.own_bytes(load.positions, load.itemsize, load.kv)
    cross = load.rows * layout.cross_bytes(load.frames, load.itemsize, load.kv)
    states = load.rows * load.frames * int(model.config.d_model) * load.itemsize
    return Budget(weights, own, cross, states, layout.shared > 0)
