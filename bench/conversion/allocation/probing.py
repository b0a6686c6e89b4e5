"""How far a model whose attentions are cut departs from itself, for many cuts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.conversion.allocation.sites import Site, Sites
from bench.mla.moments import Taught
from bench.mla.shapes import Rank

Cut = Mapping[Site, Rank]


@torch.inference_mode()
def probe(
    sites: Sites, batches: Iterable[Taught], cuts: Sequence[Cut], prompt_tokens: int, advance: Callable[[int], None]
) -> list[float]:
    """The divergence of each cut, as `bench.conversion.damage.divergence` defines it.

    Clip by clip, so that the keys and values of the encoder's output, most of a pass, are made once for all cuts.
    `advance` hears after each clip how many cuts it was tried under.
    """
    sums: dict[str, list[float]] = {}
    tokens: dict[str, int] = {}
    for taught in batches:
        cross = DynamicCache()
        before = _log_probabilities(sites.model, taught, cross, prompt_tokens)
        likely = before.exp()
        of_language = sums.setdefault(taught.language, [0.0] * len(cuts))
        for index, cut in enumerate(cuts):
            with sites.cut_to(cut) as model:
                shares = any(site.module == "cross" and rank is not None for site, rank in cut.items())
                after = _log_probabilities(model, taught, DynamicCache() if shares else cross, prompt_tokens)
            of_language[index] += (likely * (before - after)).sum().item()
        tokens[taught.language] = tokens.get(taught.language, 0) + before.shape[0] * before.shape[1]
        advance(len(cuts))
    means = [[total / tokens[language] for total in totals] for language, totals in sums.items()]
    return [sum(of_cut) / len(means) for of_cut in zip(*means, strict=True)]


def _log_probabilities(model: Any, taught: Taught, cross: Any, prompt_tokens: int) -> Tensor:
    """(clips, tokens, vocabulary) after the prompt; keys and values of the encoder's output are taken from `cross`."""
    decoded = model.model.decoder(
        input_ids=taught.ids,
        encoder_hidden_states=taught.states,
        past_key_values=EncoderDecoderCache(DynamicCache(), cross),
        use_cache=True,
    )
    said = decoded.last_hidden_state[:, prompt_tokens - 1 :]  # each position's logits say the next token
    logits: Tensor = model.proj_out(said)
    return logits.float().log_softmax(-1)
