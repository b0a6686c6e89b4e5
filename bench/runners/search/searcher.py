"""One arm's greedy search: our own loop where its model's forward is known and exact enough, else `generate`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import WhisperForConditionalGeneration
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.arms import MAY_ACT, Arm
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.runners.greedy import generate
from bench.runners.search.batch import Batch
from bench.runners.search.caches import CrossCache, as_they_are, through_int8
from bench.runners.search.pace import Pace
from bench.runners.search.searching import Drafts, Rules, TooCloseError, search

MARGIN = 128
"""Of two logits, in units of the last digit of the largest: five times the most by which a pass over many tokens and
passes over one were seen to differ (results/speed).
"""
EXACT_ENOUGH = (torch.float32, torch.float64)
"""Half precision has so few digits that near ties are everywhere; integers carry a last digit into a whole step."""
OFTEN, TRIED = 0.7, 4
"""Share of batches taken again from which own search no longer pays, and batches before that is judged."""


class Crosses:
    """Cross-attention caches of one batch of clips, each kept while another arm is to read the same."""

    def __init__(self, arms: Sequence[Arm]) -> None:
        known = [arm for arm in arms if is_known(arm.model)]
        self._keys = {arm.source.spec.id: arm.cross_key for arm in known} if len(known) > 1 else {}
        self._kept: dict[str, CrossCache] = {}

    def take(self, arm: Arm) -> CrossCache:
        """As this arm's attention reads it: full where an earlier arm has made it, else to be filled."""
        stored = as_they_are if arm.source.spec.kv is None else through_int8
        made = self._kept.get(self._keys.get(arm.source.spec.id, ""))
        return CrossCache(stored) if made is None else made.shared(stored)

    def leave(self, arm: Arm, cross: CrossCache) -> None:
        """What the arm has read; once rounded, it serves nobody else."""
        key = self._keys.pop(arm.source.spec.id, "")
        if key not in self._keys.values():
            self._kept.pop(key, None)
        elif arm.source.spec.kv is None:
            self._kept[key] = cross


class Searcher:
    """An arm, and what is known of its drafts. `again`: of its `batches`, those that `generate` had to take again."""

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self.batches = self.again = 0
        self._pace = Pace()
        self._known = is_known(arm.model)

    @torch.inference_mode()
    def decode(
        self, states: Tensor, language: str, budget: int, drafts: Sequence[Drafts], cross: CrossCache
    ) -> list[list[int]]:
        """The tokens of each row of encoder states (rows, positions, width), without prompt and end: `generate`'s."""
        tokens = self._search(states, language, budget, drafts, cross) if self._known else None
        return generate(self.arm, states, language, budget, self.new_cache(cross)) if tokens is None else tokens

    def new_cache(self, cross: CrossCache) -> Any:
        """For one call of the model or its `generate`, with what is known of the audio; None where it makes its own."""
        made = self.arm.new_cache()
        if not self._known:
            return made
        return EncoderDecoderCache(DynamicCache() if made is None else made.self_attention_cache, cross)

    def _search(
        self, states: Tensor, language: str, budget: int, drafts: Sequence[Drafts], cross: CrossCache
    ) -> list[list[int]] | None:
        """By our own loop; None where that is not exact enough."""
        exact = states.dtype in EXACT_ENOUGH and self.arm.source.spec.kv is None
        if not exact or self.again > OFTEN * self.batches + TRIED:
            return None
        self.batches += 1
        try:
            return search(
                Batch(self.arm.model, states, cross), self._rules(language, budget, states), drafts, self._pace
            )
        except TooCloseError:
            self.again += 1
            return None

    def _rules(self, language: str, budget: int, states: Tensor) -> Rules:
        vocabulary, settings = self.arm.vocabulary, self.arm.source.generation_settings()
        never, never_first = (tuple(settings.get(name) or ()) for name in MAY_ACT)
        margin = MARGIN * torch.finfo(states.dtype).eps
        return Rules(tuple(vocabulary.prompt(language)), never, never_first, vocabulary.end, budget, margin)


def is_known(model: Any) -> bool:
    """Whether its forward is a stock Whisper's or our latent attention's, be it from the code that we export."""
    if type(model) in (WhisperForConditionalGeneration, WhisperMLAForConditionalGeneration):
        return True
    named = type(model).__name__ == WhisperMLAForConditionalGeneration.__name__
    return named and _code(type(model)) == _code(WhisperMLAForConditionalGeneration)


def _code(kind: type) -> bytes:
    return Path(inspect.getfile(kind)).read_bytes()
