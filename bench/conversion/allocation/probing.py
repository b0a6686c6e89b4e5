"""How far a model whose attentions are cut departs from itself, for many cuts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.conversion.allocation.sites import Site, Sites
from bench.conversion.damage import LanguageMeans
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
    means = [LanguageMeans() for _ in cuts]
    for taught in batches:
        cross = DynamicCache()
        before = _log_probabilities(sites.model, taught, cross, prompt_tokens)
        likely, tokens = before.exp(), before.shape[0] * before.shape[1]
        for cut, of_cut in zip(cuts, means, strict=True):
            with sites.cut_to(cut) as model:
                shares = any(site.module == "cross" and rank is not None for site, rank in cut.items())
                after = _log_probabilities(model, taught, DynamicCache() if shares else cross, prompt_tokens)
            of_cut.add(taught.language, (likely * (before - after)).sum().item(), tokens)
        advance(len(cuts))
    return [of_cut.mean() for of_cut in means]


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
