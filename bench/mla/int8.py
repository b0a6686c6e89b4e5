"""A cache in 8-bit integers with a scale for each token and head: what any model can save without being converted.

What attention reads is made anew from the integers at every step: the bytes are saved between steps, not within them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor
from transformers import cache_utils
from transformers.cache_utils import Cache, DynamicCache, EncoderDecoderCache

HAS_LAYERS = hasattr(cache_utils, "DynamicLayer")
"""Whether caches are made of layers, as in transformers 5."""
LARGEST = 127


@dataclass(frozen=True, eq=False)
class Quantised:
    """States (batch, heads, positions, width) as integers of that shape and scales (batch, heads, positions, 1).

    The largest magnitude of each vector is 127; scales are in the states' own dtype.
    """

    integers: Tensor
    scales: Tensor

    @classmethod
    def of(cls, states: Tensor) -> Quantised:
        """Rounds to nearest; vectors of width 0 (a latent without kept keys) have no scale."""
        if states.shape[-1] == 0:
            return cls(states.to(torch.int8), states)
        smallest = torch.finfo(states.dtype).tiny * LARGEST
        scales = states.abs().amax(dim=-1, keepdim=True).clamp(min=smallest) / LARGEST
        return cls((states / scales).round().clamp(-LARGEST, LARGEST).to(torch.int8), scales)

    def states(self) -> Tensor:
        """What attention reads, in the dtype that was cached."""
        return self.integers.to(self.scales.dtype) * self.scales

    def followed_by(self, later: Quantised) -> Quantised:
        """Along positions."""
        return Quantised(
            torch.cat([self.integers, later.integers], dim=-2), torch.cat([self.scales, later.scales], dim=-2)
        )

    def of_beams(self, index: Tensor) -> Quantised:
        """Rows of the batch in another order, as beam search wants them."""
        index = index.to(self.integers.device)
        return Quantised(self.integers.index_select(0, index), self.scales.index_select(0, index))


class _Stack(list[Quantised]):
    """One quantised tensor a layer, read as states: what transformers 4 expects of `key_cache` and `value_cache`."""

    def __getitem__(self, layer: Any) -> Any:
        return super().__getitem__(layer).states()

    def add(self, layer: int, new: Quantised) -> None:
        if layer == len(self):
            self.append(new)
        else:
            self[layer] = super().__getitem__(layer).followed_by(new)

    def reorder(self, index: Tensor) -> None:
        self[:] = [each.of_beams(index) for each in self]


class _Int8Cache(DynamicCache):
    """For transformers 4. Layers are filled in order, as Whisper's decoder does."""

    def __init__(self) -> None:
        super().__init__()
        self.key_cache, self.value_cache = _Stack(), _Stack()

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, cache_kwargs: Any = None
    ) -> tuple[Tensor, Tensor]:
        if layer_idx == 0:
            self._seen_tokens += key_states.shape[-2]
        self.key_cache.add(layer_idx, Quantised.of(key_states))
        self.value_cache.add(layer_idx, Quantised.of(value_states))
        return self.key_cache[layer_idx], self.value_cache[layer_idx]

    def reorder_cache(self, beam_idx: Tensor) -> None:
        self.key_cache.reorder(beam_idx)
        self.value_cache.reorder(beam_idx)


@cache
def _int8_layer() -> Any:
    """For transformers 5, whose caches are made of layers."""

    class Int8Layer(cache_utils.DynamicLayer):
        """`keys` and `values` are read as states and kept as integers."""

        @property
        def keys(self) -> Tensor | None:
            return None if self._keys is None else self._keys.states()

        @keys.setter
        def keys(self, states: Tensor | None) -> None:
            self._keys = None if states is None else Quantised.of(states)

        @property
        def values(self) -> Tensor | None:
            return None if self._values is None else self._values.states()

        @values.setter
        def values(self, states: Tensor | None) -> None:
            self._values = None if states is None else Quantised.of(states)

        def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> Any:
            keys, values = Quantised.of(key_states), Quantised.of(value_states)
            if self._keys is None or self._values is None:
                self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True
            else:
                keys, values = self._keys.followed_by(keys), self._values.followed_by(values)
            self._keys, self._values = keys, values
            return self.keys, self.values

        def get_seq_length(self) -> int:
            return 0 if self._keys is None else int(self._keys.integers.shape[-2])

        def reorder_cache(self, beam_idx: Tensor) -> None:
            if self._keys is not None and self._values is not None:
                self._keys, self._values = self._keys.of_beams(beam_idx), self._values.of_beams(beam_idx)

    return Int8Layer


def new_int8_cache() -> EncoderDecoderCache:
    """An empty one, for one call of a model or of its `generate`."""
    if not HAS_LAYERS:
        return EncoderDecoderCache(_Int8Cache(), _Int8Cache())
    return EncoderDecoderCache(*(Cache(layer_class_to_replicate=_int8_layer()) for _ in range(2)))
