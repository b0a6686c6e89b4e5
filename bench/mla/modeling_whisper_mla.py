"""Whisper with multi-head latent attention (MLA) in the decoder.

Each head keeps a few key dimensions as they are; the remaining key rows of all heads and the value rows come from one
latent, `c = D x`, shared by all heads. The cache holds `c` and the kept keys, nothing else: the matrices that would
expand `c` are absorbed into the query and the output, so keys and values are never formed.

    scores_h = q_h[kept] . k_h[kept] + (q_h[rest] U_k,h) . c        output_h = (A_h c) U_v,h^T + b_v,h

Whisper's positions are added to its input, so nothing is rotary and every key dimension may go through the latent. With
no D at all the latent is x itself: the layer is exactly the original, and caches half of what it did. In
cross-attention x is the encoder's output, which every layer shares and `generate` keeps anyway: nothing is cached. Or
one D serves the cross-attention of all layers, and its latent of the encoder's output is cached once.

This file runs on transformers 4.46 and 5 and needs nothing but torch and transformers.
"""

import inspect
from typing import Any

import torch
from torch import Tensor, nn
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.cache_utils import EncoderDecoderCache
from transformers.models.whisper.modeling_whisper import WhisperAttention

RETURNS_CACHE = "past_key_value" in inspect.signature(WhisperAttention.forward).parameters
"""Whether a layer expects three values of its attention, as in transformers 4.46."""


class WhisperLatentAttention(WhisperAttention):
    """Decoder attention over a latent: of the decoder's own states (causal), or of the encoder's (`is_cross`).

    A WhisperAttention in name, since transformers 5 records the weights of those only; it shares no code with it.
    `kept`: key dimensions kept, over all heads together (a multiple of the heads); `rank`: width of the latent, None
    for the states themselves; `shared_down`: the projection to the latent where it is the decoder's, for all layers.
    """

    def __init__(
        self,
        config: WhisperConfig,
        layer_idx: int,
        kept: int,
        rank: int | None,
        is_cross: bool = False,
        shared_down: nn.Linear | None = None,
    ) -> None:
        nn.Module.__init__(self)
        width, heads = config.d_model, config.decoder_attention_heads
        if kept % heads or not 0 <= kept < width or (kept if rank is None else rank < 1):
            raise ValueError(f"kept = {kept}, rank = {rank}: no latent attention of width {width} and {heads} heads")
        self.config = config
        self.layer_idx = layer_idx
        self.is_cross = is_cross
        self.heads, self.head_dim, self.kept_dim = heads, width // heads, kept // heads
        self.rank = width if rank is None else rank
        self.scaling = self.head_dim**-0.5
        self.dropout = config.attention_dropout
        self.q_proj = nn.Linear(width, width)
        self.kept_proj = nn.Linear(width, kept, bias=False) if kept else None
        self.down_proj = None if rank is None or shared_down is not None else nn.Linear(width, rank, bias=False)
        object.__setattr__(self, "shared_down", shared_down)  # the decoder's: no weight of this layer's own
        self.k_up_proj = nn.Linear(self.rank, width - kept, bias=False)
        self.v_up_proj = nn.Linear(self.rank, width)
        self.out_proj = nn.Linear(width, width)

    def forward(
        self,
        hidden_states: Tensor,
        key_value_states: Tensor | None = None,
        past_key_values: Any = None,
        attention_mask: Tensor | None = None,
        past_key_value: Any = None,
        layer_head_mask: Tensor | None = None,
        **kwargs: Any,
    ) -> Any:
        """(batch, queries, width) to the same shape, and the weights (batch, heads, queries, positions).

        transformers 4 calls the cache `past_key_value` and expects it back as a third value.
        """
        if layer_head_mask is not None:
            raise ValueError("head masks are not supported by latent attention")
        cache = past_key_values if past_key_values is not None else past_key_value
        if self.is_cross:
            latent, kept_keys = self._encoded(key_value_states, cache)
        else:
            latent, kept_keys = self._remember(hidden_states, cache)
        query = (self.q_proj(hidden_states) * self.scaling).unflatten(-1, (self.heads, self.head_dim))
        scores = _masked(self._scores(query, latent, kept_keys), attention_mask, causal=not self.is_cross)
        weights = nn.functional.softmax(scores, dim=-1)
        weights = nn.functional.dropout(weights, p=self.dropout, training=self.training)
        value_up = self.v_up_proj.weight.view(self.heads, self.head_dim, self.rank)
        seen = (weights.flatten(1, 2) @ latent).unflatten(1, (self.heads, -1))
        heads = torch.einsum("bhqr,hdr->bqhd", seen, value_up)
        output = self.out_proj(heads.flatten(2) + self.v_up_proj.bias)  # the weights sum to one: the bias adds once
        return (output, weights, cache) if RETURNS_CACHE else (output, weights)

    @property
    def down(self) -> nn.Linear | None:
        """The projection to the latent: the layer's own, or the decoder's; None where states are attended whole."""
        return self.down_proj if self.shared_down is None else self.shared_down

    def _scores(self, query: Tensor, latent: Tensor, kept_keys: Tensor) -> Tensor:
        """(batch, heads, queries, positions), of queries (batch, queries, heads, head width).

        All heads share the latent: they are rows of one product, so that it is not copied for every head.
        """
        key_up = self.k_up_proj.weight.view(self.heads, self.head_dim - self.kept_dim, self.rank)
        absorbed = torch.einsum("bqhe,her->bhqr", query[..., self.kept_dim :], key_up)
        scores = (absorbed.flatten(1, 2) @ latent.transpose(1, 2)).unflatten(1, (self.heads, -1))
        if self.kept_dim:
            keys = kept_keys.unflatten(-1, (self.heads, self.kept_dim))
            scores = scores + torch.einsum("bqhe,bthe->bhqt", query[..., : self.kept_dim], keys)
        return scores

    def _compress(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Latents and kept keys (either may be of width 0) as caches take them: (batch, 1, positions, width)."""
        latent = states if self.down is None else self.down(states)
        kept_keys = states.new_empty(*states.shape[:2], 0) if self.kept_proj is None else self.kept_proj(states)
        return latent.unsqueeze(1), kept_keys.unsqueeze(1)

    def _remember(self, hidden_states: Tensor, cache: Any) -> tuple[Tensor, Tensor]:
        """Latents and kept keys of all positions so far, (batch, positions, width)."""
        new = self._compress(hidden_states)
        if isinstance(cache, EncoderDecoderCache):
            cache = cache.self_attention_cache
        latent, kept_keys = new if cache is None else cache.update(*new, self.layer_idx)
        return latent.squeeze(1), kept_keys.squeeze(1)

    def _encoded(self, states: Any, cache: Any) -> tuple[Tensor, Tensor]:
        """The same of the encoder's output: once a clip, kept in the cross-attention cache.

        A latent that all layers share lies in the first layer's place.
        """
        if self.down is None:
            if states is None:
                raise ValueError("this attention reads the encoder's output itself: pass encoder_outputs at every step")
            return states, states[..., :0]
        if isinstance(cache, EncoderDecoderCache):
            cached, place = cache.cross_attention_cache, self.layer_idx if self.shared_down is None else 0
            if cache.is_updated.get(place):
                latent, kept_keys = _layer_of(cached, place)
            else:
                latent, kept_keys = cached.update(*self._compress(states), place)
                cache.is_updated[place] = True
        else:
            latent, kept_keys = self._compress(states)
        return latent.squeeze(1), kept_keys.squeeze(1)


def _layer_of(cache: Any, index: int) -> tuple[Tensor, Tensor]:
    """What a cache holds for a layer, on either version."""
    if hasattr(cache, "layers"):
        return cache.layers[index].keys, cache.layers[index].values
    return cache.key_cache[index], cache.value_cache[index]


def _masked(scores: Tensor, mask: Tensor | None, causal: bool) -> Tensor:
    """Scores with hidden positions out of reach, whichever form of mask the attention implementation passes.

    Under sdpa a causal mask may be absent because the kernel would be causal by itself; here it has to be made.
    """
    queries, positions = scores.shape[-2:]
    if mask is None:
        if queries == 1 or not causal:
            return scores
        mask = torch.ones(queries, positions, dtype=torch.bool, device=scores.device).tril(positions - queries)
    mask = mask[..., :positions]
    if mask.dtype == torch.bool:
        return scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores + mask


class WhisperMLAForConditionalGeneration(WhisperForConditionalGeneration):
    """A stock Whisper with latent attention in place of every decoder self-attention, or cross-attention, or both.

    `config.mla` names the modules, "self" and "cross", and their {"kept": K, "rank": R}, the widths that
    `WhisperLatentAttention` describes; R may be a list, one a layer. "shared": true makes the latent of the encoder's
    output one for all layers, of `decoder.cross_down_proj`.
    """

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__(config)
        decoder = self.model.decoder
        own, cross = config.mla.get("self"), config.mla.get("cross")
        shared = None
        if cross and cross.get("shared"):
            shared = decoder.cross_down_proj = nn.Linear(config.d_model, cross["rank"], bias=False)
        for index, layer in enumerate(decoder.layers):
            if own:
                layer.self_attn = WhisperLatentAttention(config, index, *_widths(own, index, len(decoder.layers)))
            if cross:
                widths = _widths(cross, index, len(decoder.layers))
                layer.encoder_attn = WhisperLatentAttention(config, index, *widths, is_cross=True, shared_down=shared)
        self.post_init()


def _widths(shape: dict[str, Any], index: int, layers: int) -> tuple[int, int | None]:
    """What one layer keeps, and the rank of its latent."""
    rank = shape["rank"]
    if isinstance(rank, list | tuple):
        if len(rank) != layers:
            raise ValueError(f"config.mla: {len(rank)} ranks for the decoder's {layers} layers")
        rank = rank[index]
    return shape["kept"], rank
