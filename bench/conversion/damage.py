"""What a conversion does before any training: to each layer's keys and values, and to the logits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.mla.convert import expand
from bench.mla.modeling_whisper_mla import WhisperLatentAttention
from bench.mla.moments import Moments, Taught


@dataclass(frozen=True)
class Reconstruction:
    """Root mean square error of a layer's keys and values, relative to theirs, over the positions of some clips."""

    keys: float
    values: float


def reconstruct(original: Any, latent: WhisperLatentAttention, moments: Moments) -> Reconstruction:
    """Exact for the inputs whose moments are given: E||(W - U D) x||^2 = tr((W - U D) E[x x^T] (W - U D)^T)."""
    pairs = zip((original.k_proj.weight, original.v_proj.weight), expand(latent), strict=True)
    return Reconstruction(*(_relative(whole.double(), made.double(), moments.inputs) for whole, made in pairs))


def _relative(whole: Tensor, made: Tensor, inputs: Tensor) -> float:
    error, size = (((matrix @ inputs) * matrix).sum().item() for matrix in (whole - made, whole))
    return sqrt(max(0.0, error) / size)


@torch.inference_mode()
def divergence(
    original: Any,
    converted: Any,
    batches: Iterable[Taught],
    prompt_tokens: int,
    new_cache: Callable[[], Any] | None = None,
) -> float:
    """Mean Kullback-Leibler divergence of the next-token distributions, original to converted, in nats a token.

    Teacher-forced over the text and its end; the prompt, so many tokens, is not counted. A mean over each language's
    tokens and then over languages, which write the same sentence in tokens of very different number. `new_cache`: of
    the converted model, where what is cached is to be rounded.
    """
    said = slice(prompt_tokens - 1, None)  # each position's logits say the next token
    of_languages = LanguageMeans()
    for taught in batches:
        before = _log_probabilities(original, taught, None)[:, said]
        after = _log_probabilities(converted, taught, new_cache)[:, said]
        total = (before.exp() * (before - after)).sum().item()
        of_languages.add(taught.language, total, before.shape[0] * before.shape[1])
    return of_languages.mean()


class LanguageMeans:
    """Adds up what is measured on tokens, by language."""

    def __init__(self) -> None:
        self._totals: dict[str, float] = {}
        self._tokens: dict[str, int] = {}

    def add(self, language: str, total: float, tokens: int) -> None:
        self._totals[language] = self._totals.get(language, 0.0) + total
        self._tokens[language] = self._tokens.get(language, 0) + tokens

    def mean(self) -> float:
        """Over languages, of the means over their tokens."""
        return fmean(total / self._tokens[language] for language, total in self._totals.items())


def _log_probabilities(model: Any, taught: Taught, new_cache: Callable[[], Any] | None) -> Tensor:
    cache = None if new_cache is None else new_cache()
    logits: Tensor = model(
        encoder_outputs=BaseModelOutput(last_hidden_state=taught.states),
        decoder_input_ids=taught.ids,
        past_key_values=cache,
        use_cache=cache is not None,
    ).logits
    return logits.float().log_softmax(-1)
