"""A decoder's pass over new tokens: transformers' layers, without what only training and other caches need of them."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers.cache_utils import EncoderDecoderCache
from transformers.models.whisper import modeling_whisper

from bench.features import clips_at_once


def decode_tokens(
    decoder: Any, ids: Tensor, places: Tensor, mask: Tensor, states: Tensor, cache: EncoderDecoderCache
) -> Tensor:
    """(rows, new tokens, width) of tokens at their places, both (rows, new tokens), as the decoder's forward says them.

    `mask`: (rows, 1, new tokens, positions), to be added to the scores of self-attention; `states`: the encoder's.
    """
    hidden = decoder.embed_tokens(ids) + decoder.embed_positions.weight[places]
    for layer in decoder.layers:
        hidden = hidden + _attend(layer.self_attn, layer.self_attn_layer_norm(hidden), None, mask, cache)
        hidden = hidden + _attend(layer.encoder_attn, layer.encoder_attn_layer_norm(hidden), states, None, cache)
        hidden = hidden + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(hidden))))
    normed: Tensor = decoder.layer_norm(hidden)
    return normed


def _attend(
    attention: Any, hidden: Tensor, states: Tensor | None, mask: Tensor | None, cache: EncoderDecoderCache
) -> Tensor:
    """Cross-attention where encoder states are given. Latent attention knows best itself."""
    if type(attention).__module__ != modeling_whisper.__name__:
        latent: Tensor = attention(hidden, key_value_states=states, past_key_values=cache, attention_mask=mask)[0]
        return latent
    query = _heads(attention, attention.q_proj(hidden) * attention.scaling)
    keys, values = _own(attention, hidden, cache) if states is None else _cross(attention, states, cache)
    if attention.config._attn_implementation == "sdpa":
        seen = scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=1.0)
    else:
        scores = query @ keys.transpose(2, 3)
        seen = (scores if mask is None else scores + mask).softmax(dim=-1) @ values
    output: Tensor = attention.out_proj(seen.transpose(1, 2).flatten(2))
    return output


def _own(attention: Any, hidden: Tensor, cache: EncoderDecoderCache) -> tuple[Tensor, Tensor]:
    """Keys and values of the text, (rows, heads, positions, head width), with what is new."""
    made = _projected(attention, hidden)
    both: tuple[Tensor, Tensor] = cache.self_attention_cache.update(*made, attention.layer_idx)
    return both


def _cross(attention: Any, states: Tensor, cache: EncoderDecoderCache) -> tuple[Tensor, Tensor]:
    """Of the audio: made once."""
    layer, cached = attention.layer_idx, cache.cross_attention_cache
    made = None if cache.is_updated.get(layer) else _projected_in_parts(attention, states)
    cache.is_updated[layer] = True
    both: tuple[Tensor, Tensor] = cached.read(layer) if made is None else cached.update(*made, layer)
    return both


def _projected_in_parts(attention: Any, states: Tensor) -> tuple[Tensor, Tensor]:
    size = clips_at_once(states.shape[1], states.device)
    rows, positions, _ = states.shape
    keys, values = (states.new_empty(rows, attention.num_heads, positions, attention.head_dim) for _ in range(2))
    for part, *into in zip(states.split(size), keys.split(size), values.split(size), strict=True):
        for project, made in zip((attention.k_proj, attention.v_proj), into, strict=True):
            made.copy_(_heads(attention, project(part)))
    return keys, values


def _projected(attention: Any, states: Tensor) -> tuple[Tensor, Tensor]:
    keys, values = (_heads(attention, project(states)) for project in (attention.k_proj, attention.v_proj))
    return keys.contiguous(), values.contiguous()


def _heads(attention: Any, states: Tensor) -> Tensor:
    """(rows, positions, width) to (rows, heads, positions, head width)."""
    heads: Tensor = states.unflatten(-1, (attention.num_heads, attention.head_dim)).transpose(1, 2)
    return heads
