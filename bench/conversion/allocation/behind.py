"""Factors of each self-attention for what reaches it through the layers before, once those are converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from bench.mla.convert import convert_attention
from bench.mla.inits import Init
from bench.mla.modeling_whisper_mla import RETURNS_CACHE
from bench.mla.moments import MomentSums, Taught, by_language


@torch.no_grad()
def convert_behind(model: Any, converted: Any, init: Init, batches: Sequence[Taught]) -> None:
    """Sets the self-attentions of `converted`, whose other weights are converted from `model`: first layer to last.

    `batches`: calibration clips, a language's one after another.
    """
    streams = [_Stream.of(converted, taught) for taught in batches]
    for before, after in zip(model.model.decoder.layers, converted.model.decoder.layers, strict=True):
        if after.self_attn.down_proj is None:
            convert_attention(before.self_attn, after.self_attn, init, None)
        else:
            sums = MomentSums(before.self_attn)
            for of_language in by_language(streams, lambda stream: stream.language):
                for stream in of_language:
                    sums(before.self_attn, (after.self_attn_layer_norm(stream.hidden),), {})
                sums.end_language()
            convert_attention(before.self_attn, after.self_attn, init, sums.means())
        streams = [stream.through(after) for stream in streams]


@dataclass(frozen=True, eq=False)
class _Stream:
    """Decoder states of one batch on their way through the layers, (clips, tokens, width)."""

    language: str
    hidden: Tensor
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    @classmethod
    def of(cls, model: Any, taught: Taught) -> _Stream:
        """As they enter the first layer, with the mask and whatever else this version gives a layer."""
        decoder, caught = model.model.decoder, _Catch()
        layers, decoder.layers = decoder.layers, nn.ModuleList([caught])
        try:
            decoder(input_ids=taught.ids, encoder_hidden_states=taught.states, use_cache=False)
        finally:
            decoder.layers = layers
        (hidden, *arguments), keywords = caught.call
        return cls(taught.language, hidden, tuple(arguments), keywords)

    def through(self, layer: Any) -> _Stream:
        output = layer(self.hidden, *self.arguments, **self.keywords)
        return replace(self, hidden=output[0] if isinstance(output, tuple) else output)


class _Catch(nn.Module):
    """Stands in for a layer and remembers how it was called."""

    call: tuple[tuple[Any, ...], dict[str, Any]]

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        self.call = arguments, keywords
        return (arguments[0],) if RETURNS_CACHE else arguments[0]
