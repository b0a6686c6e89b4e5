"""What a decoder's attentions see and ask: second moments of their inputs and queries on calibration clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from bench.mla.shapes import ATTENTION, Module

Batch = tuple[Tensor, Tensor]
"""Encoder states (clips, positions, width) and decoder input ids (clips, tokens), without padding."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Of one attention, as means over positions, in float64.

    `inputs`: E[x x^T] of what keys and values are made of, (width, width): the decoder's states, or the encoder's.
    `queries`: E[q q^T] of each head, scaled as in the scores, (heads, head width, head width).
    """

    inputs: Tensor
    queries: Tensor


@torch.no_grad()
def collect_moments(
    model: WhisperForConditionalGeneration, batches: Iterable[Batch], modules: Sequence[Module] = ("self",)
) -> dict[Module, list[Moments]]:
    """One a decoder layer, for each of the modules. Raises ValueError where there is no batch."""
    sums: dict[Module, list[_Sums]] = {module: [] for module in modules}
    hooks = []
    for module, of_layers in sums.items():
        for layer in model.model.decoder.layers:
            attention = getattr(layer, ATTENTION[module])
            of_layers.append(_Sums(attention))
            hooks.append(attention.register_forward_pre_hook(of_layers[-1], with_kwargs=True))
    try:
        for states, ids in batches:
            outputs = BaseModelOutput(last_hidden_state=states)
            model(encoder_outputs=outputs, decoder_input_ids=ids, use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    return {module: [each.means() for each in of_layers] for module, of_layers in sums.items()}


class _Sums:
    """Adds up an attention's moments as it is called."""

    def __init__(self, attention: Any) -> None:
        self.attention = attention
        self.inputs: Tensor | float = 0.0
        self.queries: Tensor | float = 0.0
        self.seen, self.asked = 0, 0

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        states = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
        encoded = kwargs.get("key_value_states")
        x = (states if encoded is None else encoded).flatten(0, 1).double()
        scaled = self.attention.q_proj(states.flatten(0, 1)).double() * self.attention.head_dim**-0.5
        q = scaled.unflatten(-1, (-1, self.attention.head_dim)).transpose(0, 1)
        self.inputs = self.inputs + x.T @ x
        self.queries = self.queries + q.transpose(1, 2) @ q
        self.seen, self.asked = self.seen + len(x), self.asked + len(scaled)

    def means(self) -> Moments:
        if not isinstance(self.inputs, Tensor) or not isinstance(self.queries, Tensor):
            raise ValueError("no calibration batch: moments need one at least")
        return Moments(self.inputs / self.seen, self.queries / self.asked)
