"""What a decoder caches by its weights' shapes, and what a live cache really holds."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import Parameter

from bench.mla.cache_layout import CacheLayout, Widths
from bench.mla.modeling_whisper_mla import WhisperLatentAttention


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
