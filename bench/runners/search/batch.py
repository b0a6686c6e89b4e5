"""A batch under decoding by one model: rows take in tokens at their own positions, forget some, and leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import EncoderDecoderCache

from bench.runners.search.caches import CrossCache, RowCache
from bench.runners.search.forward import decode_tokens


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
        places = self._own.make_room(width, device)
        hidden = decode_tokens(
            self._model.model.decoder,
            ids,
            places.clamp(max=self._model.config.max_target_positions - 1),
            self._mask(places),
            self._states,
            self._cache,
        )
        self._own.lengths = [before + len(row) for before, row in zip(self._own.lengths, tokens, strict=True)]
        lasts = zip(tokens, read, strict=True)
        wanted = [i * width + len(row) - last + j for i, (row, last) in enumerate(lasts) for j in range(last)]
        return hidden.flatten(0, 1).index_select(0, torch.tensor(wanted, device=device))

    def logits(self, hidden: Tensor) -> Tensor:
        """(positions, width) to (positions, vocabulary)."""
        logits: Tensor = self._model.proj_out(hidden)
        return logits

    def _mask(self, places: Tensor) -> Tensor:
        """To be added to scores: (rows, 1, new tokens, positions); each token sees its own row up to itself."""
        hidden = torch.arange(self._own.total, device=places.device) > places.unsqueeze(-1)
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
