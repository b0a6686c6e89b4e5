"""What any cache holds: ours, transformers', a tuple of tuples, or a class of somebody else's code."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from bench.mla.layout import HeldBytes, held_bytes, list_tensors


def split_cache(cache: Any, frames: int, states: Tensor) -> HeldBytes:
    """Bytes of the self- and the cross-attention cache, storages counted once and in full.

    A cache that says which is which is taken at its word. Elsewhere a tensor with as many entries along one dimension
    (but the first, which is of rows) as the encoder has `frames` is of the cross-attention; the number of text
    positions must then be another. The encoder's `states` themselves are counted apart, though a cache may refer to
    them.
    """
    if hasattr(cache, "self_attention_cache") and hasattr(cache, "cross_attention_cache"):
        return held_bytes(cache, besides=states)
    storages: dict[str, dict[int, int]] = {"own": {}, "cross": {}}
    known = states.untyped_storage().data_ptr()
    for tensor in list_tensors(cache):
        storage = tensor.untyped_storage()
        if storage.data_ptr() != known:
            storages["cross" if frames in tensor.shape[1:] else "own"][storage.data_ptr()] = storage.nbytes()
    return HeldBytes(sum(storages["own"].values()), sum(storages["cross"].values()))


def reorder(cache: Any, rows: Tensor) -> Any:
    """The cache with its rows in that order, copied as beam search does; as it is where its class cannot."""
    if hasattr(cache, "reorder_cache"):
        cache.reorder_cache(rows)
    elif isinstance(cache, Tensor):
        return cache.index_select(0, rows)
    elif type(cache) in (tuple, list):
        return type(cache)(reorder(part, rows) for part in cache)
    return cache
