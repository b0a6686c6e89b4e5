"""Whisper with multi-head latent attention (MLA) in the decoder's self-attention.

Each head keeps a few key dimensions as they are; the remaining key rows of all heads and the value rows come from one
latent, `c = D x`, shared by all heads. The cache holds `c` and the kept keys, nothing else: the matrices that would
expand `c` are absorbed into the query and the output, so keys and values are never formed.

    scores_h = q_h[kept] . k_h[kept] + (q_h[rest] U_k,h) . c        output_h = (A_h c) U_v,h^T + b_v,h

Whisper's positions are added to its input, so nothing is rotary and every key dimension may go through the latent.
"""

from typing import Any

import torch
import transformers
from torch import Tensor, nn
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.cache_utils import EncoderDecoderCache

RETURNS_CACHE = int(transformers.__version__.split(".")[0]) < 5


class WhisperLatentAttention(nn.Module):
    """Causal decoder self-attention over a latent.

    `kept`: key dimensions kept, over all heads together (a multiple of the heads); `rank`: width of the latent.
    """

    def __init__(self, config: WhisperConfig, layer_idx: int, kept: int, rank: int) -> None:
        super().__init__()
        width, heads = config.d_model, config.decoder_attention_heads
        if kept % heads or not 0 <= kept < width or rank < 1:
            raise ValueError(f"kept must be a multiple of {heads} heads below {width} and rank at least 1")
        self.config = config
        self.layer_idx = layer_idx
        self.heads, self.head_dim, self.kept_dim, self.rank = heads, width // heads, kept // heads, rank
        self.scaling = self.head_dim**-0.5
        self.dropout = config.attention_dropout
        self.q_proj = nn.Linear(width, width)
        self.kept_proj = nn.Linear(width, kept, bias=False) if kept else None
        self.down_proj = nn.Linear(width, rank, bias=False)
        self.k_up_proj = nn.Linear(rank, width - kept, bias=False)
        self.v_up_proj = nn.Linear(rank, width)
        self.out_proj = nn.Linear(width, width)

    def forward(
        self,
        hidden_states: Tensor,
        past_key_values: Any = None,
        attention_mask: Tensor | None = None,
        past_key_value: Any = None,
        **kwargs: Any,
    ) -> Any:
        """(batch, queries, width) to the same shape, and the weights (batch, heads, queries, positions).

        transformers 4 calls the cache `past_key_value` and expects it back as a third value.
        """
        cache = past_key_values if past_key_values is not None else past_key_value
        latent, kept_keys = self._remember(hidden_states, cache)
        query = self._split(self.q_proj(hidden_states) * self.scaling, self.head_dim)
        key_up = self.k_up_proj.weight.view(self.heads, self.head_dim - self.kept_dim, self.rank)
        scores = (query[..., self.kept_dim :] @ key_up) @ latent.transpose(2, 3)
        if self.kept_dim:
            keys = self._split(kept_keys.squeeze(1), self.kept_dim)
            scores = scores + query[..., : self.kept_dim] @ keys.transpose(2, 3)
        weights = nn.functional.softmax(_masked(scores, attention_mask), dim=-1)
        weights = nn.functional.dropout(weights, p=self.dropout, training=self.training)
        value_up = self.v_up_proj.weight.view(self.heads, self.head_dim, self.rank)
        heads = (weights @ latent) @ value_up.transpose(1, 2)
        joined = heads.transpose(1, 2).flatten(2) + self.v_up_proj.bias  # the weights sum to one, so the bias adds once
        output = self.out_proj(joined)
        return (output, weights, cache) if RETURNS_CACHE else (output, weights)

    def _remember(self, hidden_states: Tensor, past_key_values: Any) -> tuple[Tensor, Tensor]:
        """The latents and kept keys of all positions so far, each (batch, 1, positions, its width)."""
        latent = self.down_proj(hidden_states).unsqueeze(1)
        kept_keys = self.kept_proj(hidden_states).unsqueeze(1) if self.kept_proj is not None else latent[..., :0]
        if past_key_values is None:
            return latent, kept_keys
        if isinstance(past_key_values, EncoderDecoderCache):
            past_key_values = past_key_values.self_attention_cache
        cached: tuple[Tensor, Tensor] = past_key_values.update(latent, kept_keys, self.layer_idx)
        return cached

    def _split(self, states: Tensor, dim: int) -> Tensor:
        """(batch, positions, heads * dim) to (batch, heads, positions, dim)."""
        return states.unflatten(-1, (self.heads, dim)).transpose(1, 2)


def _masked(scores: Tensor, mask: Tensor | None) -> Tensor:
    """Scores with future positions out of reach, whichever form of mask the attention implementation passes.

    Under sdpa the mask may be absent because the kernel would be causal by itself; here it has to be made.
    """
    queries, positions = scores.shape[-2:]
    if mask is None:
        if queries == 1:
            return scores
        mask = torch.ones(queries, positions, dtype=torch.bool, device=scores.device).tril(positions - queries)
    mask = mask[..., :positions]
    if mask.dtype == torch.bool:
        return scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return scores + mask


class WhisperMLAForConditionalGeneration(WhisperForConditionalGeneration):
    """A stock Whisper with latent attention in place of every decoder self-attention.

    `config.mla` is {"kept": K, "rank": R}, the widths that `WhisperLatentAttention` describes.
    """

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__(config)
        for index, layer in enumerate(self.model.decoder.layers):
            layer.self_attn = WhisperLatentAttention(config, index, **config.mla)
        self.post_init()
