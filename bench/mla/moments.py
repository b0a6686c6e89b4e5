"""What a decoder's self-attention sees and asks: second moments of its inputs and queries on calibration clips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput


@dataclass(frozen=True, eq=False)
class Moments:
    """Of one layer, as means over positions, in float64.

    `inputs`: E[x x^T], (width, width). `queries`: E[q q^T] of each head, scaled as in the scores, (heads, head width,
    head width).
    """

    inputs: Tensor
    queries: Tensor


@torch.no_grad()
def collect_moments(model: WhisperForConditionalGeneration, batches: Iterable[tuple[Tensor, Tensor]]) -> list[Moments]:
    """One a decoder layer, over batches of (encoder states, decoder input ids) without padding.

    Raises ValueError where there is no batch.
    """
    sums = [_Sums(layer.self_attn) for layer in model.model.decoder.layers]
    hooks = [layer.self_attn.register_forward_pre_hook(each, with_kwargs=True) for layer, each in _pairs(model, sums)]
    try:
        for states, ids in batches:
            outputs = BaseModelOutput(last_hidden_state=states)
            model(encoder_outputs=outputs, decoder_input_ids=ids, use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return [each.means() for each in sums]


def _pairs(model: WhisperForConditionalGeneration, sums: list[_Sums]) -> Iterable[tuple[Any, _Sums]]:
    return zip(model.model.decoder.layers, sums, strict=True)


class _Sums:
    """Adds up a layer's moments as its attention is called."""

    def __init__(self, attention: Any) -> None:
        self.attention = attention
        self.inputs: Tensor | None = None
        self.queries: Tensor | None = None
        self.positions = 0

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        x = (kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]).flatten(0, 1)
        scaled = self.attention.q_proj(x).double() * self.attention.head_dim**-0.5
        q = scaled.unflatten(-1, (-1, self.attention.head_dim)).transpose(0, 1)
        x = x.double()
        inputs, queries = x.T @ x, q.transpose(1, 2) @ q
        self.inputs = inputs if self.inputs is None else self.inputs + inputs
        self.queries = queries if self.queries is None else self.queries + queries
        self.positions += len(x)

    def means(self) -> Moments:
        if self.inputs is None or self.queries is None:
            raise ValueError("no calibration batch: moments need one at least")
        return Moments(self.inputs / self.positions, self.queries / self.positions)
