"""A batch under decoding by one model: rows take in tokens at their own positions, forget some, and leave."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import EncoderDecoderCache
from transformers.models.whisper.modeling_whisper import WhisperDecoder

from bench.runners.search.caches import CrossCache, RowCache

TAKES_CACHE_POSITION = "cache_position" in inspect.signature(WhisperDecoder.forward).parameters
"""Whether the decoder asks its cache what it holds unless it is told, as in transformers 4.46."""


class Batch:
    """Rows of encoder states (rows, positions, width), and what a decoder has cached of them.

    `cross`: the cross-attention cache; filled by the first tokens where it is empty, else left as it is.
    """

    def __init__(self, model: Any, states: Tensor, cross: CrossCache) -> None:
        self._model, self._states = model, states
        self._own = RowCache(len(states))
        self._cache = EncoderDecoderCache(self._own, cross)

    def feed(self, tokens: Sequence[Sequence[int]], read: Sequence[int]) -> Tensor:
        """Takes in each row's next tokens, padded to the longest; a row without any is carried along.

        Returns hidden states of the last `read` of each row's, row by row: (sum of `read`, width).
        """
        device, width = self._states.device, max(map(len, tokens))
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in tokens], device=device)
        places = self._own.places(width, device)
        hidden = self._model.model.decoder(
            input_ids=ids,
            attention_mask=self._mask(places),
            position_ids=places.clamp(max=self._model.config.max_target_positions - 1),
            encoder_hidden_states=self._states,
            past_key_values=self._cache,
            use_cache=True,
            **({"cache_position": places[0]} if TAKES_CACHE_POSITION else {}),
        ).last_hidden_state
        self._own.lengths = [before + len(row) for before, row in zip(self._own.lengths, tokens, strict=True)]
        lasts = zip(hidden, tokens, read, strict=True)
        return torch.cat([states[len(row) - last : len(row)] for states, row, last in lasts])

    def logits(self, hidden: Tensor) -> Tensor:
        """(positions, width) to (positions, vocabulary)."""
        logits: Tensor = self._model.proj_out(hidden)
        return logits

    def _mask(self, places: Tensor) -> Tensor:
        """To be added to scores: (rows, 1, new tokens, positions); each token sees its own row up to itself."""
        total = self._own.get_seq_length() + places.shape[1]
        hidden = torch.arange(total, device=places.device) > places.unsqueeze(-1)
        mask = torch.zeros(hidden.shape, dtype=self._states.dtype, device=places.device)
        return mask.masked_fill_(hidden, torch.finfo(mask.dtype).min).unsqueeze(1)

    def forget(self, last: Sequence[int]) -> None:
        """So many of each row's last tokens."""
        self._own.lengths = [length - tokens for length, tokens in zip(self._own.lengths, last, strict=True)]

    def keep(self, rows: Sequence[int]) -> None:
        """Those rows alone, in that order."""
        index = torch.tensor(rows, device=self._states.device)
        self._states = self._states.index_select(0, index)
        self._own.keep(rows)
        cross = self._cache.cross_attention_cache.shared()
        cross.reorder_cache(index)
        self._cache = EncoderDecoderCache(self._own, cross)
