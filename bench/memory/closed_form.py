"""The budget of a model, from the shapes of its weights alone: nothing is loaded and nothing measured."""

from __future__ import annotations

from typing import Any

from bench.memory.budget import Budget, Decoding
from bench.mla.layout import layout_of


def budget_of(model: Any, decoding: Decoding) -> Budget:
    """The bytes that decoding takes of a model or its skeleton.

    `generate` gives every beam encoder states of its own, as it does caches.
    """
    layout, load, frames, itemsize = layout_of(model), decoding.load, decoding.frames, decoding.itemsize
    weights = sum(parameter.numel() for parameter in model.parameters()) * itemsize
    own = load.rows * layout.own_bytes(load.positions, itemsize, decoding.kv)
    cross = load.rows * layout.cross_bytes(frames, itemsize, decoding.kv)
    states = load.rows * frames * int(model.config.d_model) * itemsize
    return Budget(weights, own, cross, states)
