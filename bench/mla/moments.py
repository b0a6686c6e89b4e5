"""What a decoder's attentions see and ask: second moments of their inputs and queries on calibration clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from transformers import WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from bench.mla.shapes import ATTENTION, Module


@dataclass(frozen=True, eq=False)
class Taught:
    """What a decoder is taught in one language, without padding.

    `states`: the encoder's, (clips, positions, width). `ids`: the decoder's inputs, (clips, tokens).
    """

    states: Tensor
    ids: Tensor
    language: str


@dataclass(frozen=True, eq=False)
class Moments:
    """Of one attention, as means over each language's positions and then over languages, in float64.

    `inputs`: E[x x^T] of what keys and values are made of, (width, width): the decoder's states, or the encoder's.
    `queries`: E[q q^T] of each head, scaled as in the scores, (heads, head width, head width).
    """

    inputs: Tensor
    queries: Tensor


@torch.no_grad()
def collect_moments(
    model: WhisperForConditionalGeneration, batches: Iterable[Taught], modules: Sequence[Module] = ("self",)
) -> dict[Module, list[Moments]]:
    """One a decoder layer, for each of the modules. Every language weighs the same, however much there is of it.

    Raises ValueError where there is no batch, and where another language stands between a language's batches: only one
    language's sums are held at a time.
    """
    sums: dict[Module, list[MomentSums]] = {module: [] for module in modules}
    hooks = []
    for module, of_layers in sums.items():
        for layer in model.model.decoder.layers:
            attention = getattr(layer, ATTENTION[module])
            of_layers.append(MomentSums(attention))
            hooks.append(attention.register_forward_pre_hook(of_layers[-1], with_kwargs=True))
    try:
        for of_language in by_language(batches, lambda taught: taught.language):
            for taught in of_language:
                outputs = BaseModelOutput(last_hidden_state=taught.states)
                model(encoder_outputs=outputs, decoder_input_ids=taught.ids, use_cache=False)
            for each in chain.from_iterable(sums.values()):
                each.end_language()
    finally:
        for hook in hooks:
            hook.remove()
    return {module: [each.means() for each in of_layers] for module, of_layers in sums.items()}


T = TypeVar("T")


def by_language(things: Iterable[T], language_of: Callable[[T], str]) -> Iterator[Iterator[T]]:
    """Those of one language after those of another. Raises ValueError where a language comes back."""
    ended: set[str] = set()
    for language, of_language in groupby(things, key=language_of):
        if language in ended:
            raise ValueError(f"batches of {language} must follow one another")
        yield of_language
        ended.add(language)


class MomentSums:
    """Adds up an attention's moments as it is called, and their means as languages end."""

    def __init__(self, attention: Any) -> None:
        self.attention = attention
        self.inputs: Tensor | float = 0.0
        self.queries: Tensor | float = 0.0
        self.seen, self.asked = 0, 0
        self.of_languages: Moments | None = None
        self.languages = 0

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        states = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
        encoded = kwargs.get("key_value_states")
        x = (states if encoded is None else encoded).flatten(0, 1).double()
        scaled = self.attention.q_proj(states.flatten(0, 1)).double() * self.attention.head_dim**-0.5
        q = scaled.unflatten(-1, (-1, self.attention.head_dim)).transpose(0, 1)
        self.inputs = self.inputs + x.T @ x
        self.queries = self.queries + q.transpose(1, 2) @ q
        self.seen, self.asked = self.seen + len(x), self.asked + len(scaled)

    def end_language(self) -> None:
        """Its means are added to those of the languages before, and its sums begin anew."""
        assert isinstance(self.inputs, Tensor)
        assert isinstance(self.queries, Tensor)
        means, before = Moments(self.inputs / self.seen, self.queries / self.asked), self.of_languages
        self.of_languages = (
            means if before is None else Moments(before.inputs + means.inputs, before.queries + means.queries)
        )
        self.languages += 1
        self.inputs = self.queries = 0.0
        self.seen = self.asked = 0

    def means(self) -> Moments:
        if self.of_languages is None:
            raise ValueError("no calibration batch: moments need one at least")
        return Moments(self.of_languages.inputs / self.languages, self.of_languages.queries / self.languages)
