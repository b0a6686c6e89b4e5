"""What a conversion does before any training: to each layer's keys and values, and to the logits."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
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
def divergence(original: Any, converted: Any, batches: Iterable[Taught], prompt_tokens: int) -> float:
    """Mean Kullback-Leibler divergence of the next-token distributions, original to converted, in nats a token.

    Teacher-forced over the text and its end; the prompt, so many tokens, is not counted.
    """
    total, tokens = 0.0, 0
    said = slice(prompt_tokens - 1, None)  # each position's logits say the next token
    for taught in batches:
        before, after = (_log_probabilities(model, taught)[:, said] for model in (original, converted))
        total += (before.exp() * (before - after)).sum().item()
        tokens += before.shape[0] * before.shape[1]
    return total / tokens


def _log_probabilities(model: Any, taught: Taught) -> Tensor:
    outputs = BaseModelOutput(last_hidden_state=taught.states)
    logits: Tensor = model(encoder_outputs=outputs, decoder_input_ids=taught.ids, use_cache=False).logits
    return logits.float().log_softmax(-1)
