"""What a decoder caches: by its weights' shapes, in closed form; and what a live cache really holds."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import Parameter

from bench.memory_sums import decode_cache
from bench.mla.modeling_whisper_mla import WhisperLatentAttention
from bench.mla.shapes import KV, Module

Widths = tuple[int, ...]
"""Of the vectors that one layer keeps for a position: two a head, or a latent and what is kept beside it."""


@dataclass(frozen=True)
class CacheLayout:
    """Vectors that the decoder keeps, by their widths.

    `own`: of each layer, for each position of the text. `cross`: for each position of the encoder's output, of each
    layer, or once where all layers share a latent of it; empty where they attend that output itself, whose width
    `states` then is (else 0).
    """

    own: tuple[Widths, ...]
    cross: tuple[Widths, ...]
    states: int

    @property
    def layers(self) -> int:
        """Of the decoder."""
        return len(self.own)

    def values(self, module: Module) -> int:
        """Cached a position, by all layers together."""
        return sum(map(sum, self.own if module == "self" else self.cross))

    def of_layer(self, module: Module, layer: int) -> int:
        """Values that a layer reads a position, its own or shared."""
        if module == "self":
            return sum(self.own[layer])
        return sum(self.cross[layer if len(self.cross) > 1 else 0]) if self.cross else self.states

    @property
    def is_shared(self) -> bool:
        """Whether what cross-attention reads is kept once for all layers."""
        return self.layers > len(self.cross)

    def own_bytes(self, positions: int, itemsize: int, kv: KV | None = None) -> int:
        """The self-attention cache of one row of the batch; `itemsize`: bytes a value of the model's dtype."""
        return positions * _vector_bytes(self.own, itemsize, kv)

    def cross_bytes(self, frames: int, itemsize: int, kv: KV | None = None) -> int:
        """The cross-attention cache of one row, over `frames` encoder positions; without the encoder's states."""
        return frames * _vector_bytes(self.cross, itemsize, kv)

    def decode_bytes(self, positions: int, frames: int, itemsize: int, kv: KV | None = None) -> int:
        """All that attention reads at a step; encoder states stay as they are under int8."""
        own, cross = self.own_bytes(positions, itemsize, kv), self.cross_bytes(frames, itemsize, kv)
        return decode_cache(own, cross, frames * self.states * itemsize)


def _vector_bytes(layers: tuple[Widths, ...], itemsize: int, kv: KV | None) -> int:
    """Under int8 a byte a value and a scale a vector."""
    widths = [width for layer in layers for width in layer]
    return sum(width + itemsize if kv == "int8" else width * itemsize for width in widths)


def layout_of(model: Any) -> CacheLayout:
    """The layout of a stock Whisper or one with latent attention, read from its weights."""
    layers = model.model.decoder.layers
    own, cross = (tuple(_widths(getattr(layer, name)) for layer in layers) for name in ("self_attn", "encoder_attn"))
    first = layers[0].encoder_attn
    if not isinstance(first, WhisperLatentAttention):
        return CacheLayout(own, cross, 0)
    if first.shared_down is not None:
        return CacheLayout(own, cross[:1], 0)
    exact = first.down_proj is None
    return CacheLayout(own, () if exact else cross, model.config.d_model if exact else 0)


def _widths(attention: Any) -> Widths:
    if not isinstance(attention, WhisperLatentAttention):
        return (int(attention.head_dim),) * (2 * int(attention.num_heads))
    kept = () if attention.kept_proj is None else (attention.kept_proj.weight.shape[0],)
    return (attention.k_up_proj.weight.shape[1], *kept)


@dataclass(frozen=True)
class HeldBytes:
    """Bytes of a live cache, whatever its class."""

    own: int
    cross: int


def held_bytes(cache: Any, besides: Tensor | None = None) -> HeldBytes:
    """Measured on the live object that was passed in: what `generate` returns is rebuilt clip by clip.

    Storages are counted once, with all they occupy, however many tensors look into them; that of `besides` is not.
    """
    apart = None if besides is None else besides.untyped_storage().data_ptr()
    return HeldBytes(_storage(cache.self_attention_cache, apart), _storage(cache.cross_attention_cache, apart))


def _storage(container: Any, apart: int | None) -> int:
    storages = {
        tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in list_tensors(container)
    }
    return sum(size for pointer, size in storages.items() if pointer != apart)


def list_tensors(thing: Any, seen: dict[int, Any] | None = None) -> Iterator[Tensor]:
    """Every tensor that a cache refers to, but weights; containers are walked as they were stored, once.

    On transformers 4 a cache is a module itself. `seen`: what was walked already, by its identity, and kept so that
    this is nobody else's meanwhile.
    """
    seen = {} if seen is None else seen
    if id(thing) in seen or isinstance(thing, type | Parameter):
        return
    seen[id(thing)] = thing
    if isinstance(thing, Tensor):
        yield thing
        return
    if isinstance(thing, dict):
        parts = list(thing.values())
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        parts = list(thing)
    else:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        parts = [*getattr(thing, "__dict__", {}).values(), *(getattr(thing, name, None) for name in slots)]
    for part in parts:
        yield from list_tensors(part, seen)
