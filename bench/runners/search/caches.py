"""Caches of a decoder whose rows are of different lengths, and cross-attention caches that several arms share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import torch
from torch import Tensor
from transformers import cache_utils
from transformers.cache_utils import Cache, DynamicCache

from bench.mla.int8 import HAS_LAYERS, Quantised

Stored = Callable[[Tensor], Tensor]
"""From states to what attention reads of them once they are cached."""
ROOM = 64
"""Positions by which a cache grows at once."""


def as_they_are(states: Tensor) -> Tensor:
    """Of a cache in the model's dtype."""
    return states


def through_int8(states: Tensor) -> Tensor:
    """Of a cache in 8-bit integers: every vector is rounded by itself, so clip by clip is as good as all at once."""
    read = torch.empty_like(states)
    for clip, into in zip(states, read, strict=True):
        into.copy_(Quantised.of(clip).states())
    return read


class RowCache(Cache):
    """Self-attention of rows that each have their own length: new states go behind a row's own, in place.

    `lengths` is the caller's to set: a shorter one crops. Positions beyond hold what was rejected, or padding, and are
    to be masked.
    """

    def __init__(self, rows: int) -> None:
        super().__init__(**({"layers": []} if HAS_LAYERS else {}))
        self.lengths = [0] * rows
        self.total = 0
        self._places = torch.zeros(rows, 0, dtype=torch.long)
        self._held: dict[int, tuple[Tensor, Tensor]] = {}

    def make_room(self, width: int, device: torch.device) -> Tensor:
        """For so many tokens behind each row's last: the places that they take, (rows, width)."""
        self.total = max(self.lengths) + width
        self._places = torch.tensor(self.lengths, device=device).unsqueeze(1) + torch.arange(width, device=device)
        return self._places

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """(rows, heads, new positions, width) each; returns all positions up to the longest row's last.

        There must be room for them.
        """
        keys, values = self._held.get(layer_idx, (key_states[:, :, :0], value_states[:, :, :0]))
        keys, values = self._write(keys, key_states), self._write(values, value_states)
        self._held[layer_idx] = keys, values
        return keys[:, :, : self.total], values[:, :, : self.total]

    def _write(self, held: Tensor, new: Tensor) -> Tensor:
        if held.shape[2] < self.total:
            more = held.new_zeros(*held.shape[:2], self.total + ROOM - held.shape[2], held.shape[3])
            held = torch.cat([held, more], dim=2)
        first = self.lengths[0]
        if all(length == first for length in self.lengths):
            held[:, :, first : self.total] = new
        else:
            places = self._places[:, None, :, None].expand_as(new)
            held.scatter_(2, places, new)
        return held

    def get_seq_length(self, layer_idx: int = 0, *args: Any) -> int:
        """Of the longest row."""
        return max(self.lengths)

    def keep(self, rows: Sequence[int]) -> None:
        """Those rows alone, in that order."""
        self.lengths = [self.lengths[row] for row in rows]
        chosen = list(rows)
        self._held = {layer: (keys[chosen], values[chosen]) for layer, (keys, values) in self._held.items()}


class CrossCache(DynamicCache):
    """Of cross-attention: filled by the first pass, read by all others."""

    def __init__(self, stored: Stored = as_they_are) -> None:
        super().__init__()
        self._stored = stored

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """(rows, heads, positions, width) each, and the same as attention reads them; held without a copy."""
        keys, values = self._stored(key_states), self._stored(value_states)
        if not HAS_LAYERS:
            read: tuple[Tensor, Tensor] = super().update(keys, values, layer_idx)
            return read
        while len(self.layers) <= layer_idx:
            self.layers.append(cache_utils.DynamicLayer())
        layer = self.layers[layer_idx]
        layer.lazy_initialization(keys, values)
        layer.keys, layer.values = keys, values
        return keys, values

    def read(self, layer: int) -> tuple[Tensor, Tensor]:
        """What the first pass made."""
        if HAS_LAYERS:
            return self.layers[layer].keys, self.layers[layer].values
        return self.key_cache[layer], self.value_cache[layer]

    def shared(self, stored: Stored = as_they_are) -> CrossCache:
        """The same tensors, as `stored` has them, in a container of its own, whose rows may leave."""
        twin = copy(self)
        if HAS_LAYERS:
            twin.layers = [copy(layer) for layer in self.layers]
            for layer in twin.layers:
                if layer.is_initialized:
                    layer.keys, layer.values = stored(layer.keys), stored(layer.values)
        else:
            twin.key_cache = [stored(states) for states in self.key_cache]
            twin.value_cache = [stored(states) for states in self.value_cache]
        return twin
