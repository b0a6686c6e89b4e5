"""A small random Whisper, its inputs and conversions."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.mla.convert import CALIBRATED, Init, convert
from bench.mla.modeling_whisper_mla import RETURNS_CACHE, WhisperMLAForConditionalGeneration
from bench.mla.moments import Moments, Taught, collect_moments
from bench.mla.shapes import EXACT, LatentShape, Module

WIDTH, LAYERS, HEADS, FRAMES, VOCABULARY = 48, 2, 4, 50, 200
SHAPES: dict[str, dict[Module, LatentShape]] = {
    "self": {"self": LatentShape(8, 12)},
    "cross": {"cross": LatentShape(8, 12)},
    "both": {"self": LatentShape(0, 6), "cross": LatentShape(0, 10)},
    "layers": {"self": LatentShape(0, (None, 7))},
    "layers of both": {"self": LatentShape(0, (12, 7)), "cross": LatentShape(4, (5, 9))},
    "shared": {"cross": LatentShape(0, 10, shared=True)},
    "layers and shared": {"self": LatentShape(0, (6, None)), "cross": LatentShape(0, 10, shared=True)},
    "exact-self": {"self": EXACT},
    "exact-cross": {"cross": EXACT},
    "exact": {"self": EXACT, "cross": EXACT},
}
FIVE = not RETURNS_CACHE


def make_model(attention: str = "sdpa", positions: int = 40) -> WhisperForConditionalGeneration:
    """Random weights, large enough that the logits depend on every position."""
    torch.manual_seed(0)
    config = WhisperConfig(
        **{"vocab_size": VOCABULARY, "d_model": WIDTH, "encoder_layers": 1, "decoder_layers": LAYERS},
        **{"encoder_attention_heads": HEADS, "decoder_attention_heads": HEADS, "encoder_ffn_dim": 64},
        **{"decoder_ffn_dim": 64, "max_source_positions": FRAMES, "max_target_positions": positions, "pad_token_id": 0},
        **{"num_mel_bins": 80, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 3},
        attn_implementation=attention,
    )
    model = WhisperForConditionalGeneration(config).eval()
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(8)
    return model


def make_inputs(clips: int = 2, tokens: int = 9) -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {
        "input_features": torch.randn(clips, 80, 2 * FRAMES),
        "decoder_input_ids": torch.randint(4, VOCABULARY, (clips, tokens)),
    }


@cache
def calibration() -> tuple[Taught, ...]:
    torch.manual_seed(4)
    return tuple(Taught(torch.randn(3, FRAMES, WIDTH), torch.randint(4, VOCABULARY, (3, 12)), "en") for _ in range(4))


def make_converted(
    shapes: Mapping[Module, LatentShape], init: Init = "svd", attention: str = "sdpa"
) -> WhisperMLAForConditionalGeneration:
    """By any init; without a rank by `exact`."""
    original = make_model(attention)
    if any(shape.lossless for shape in shapes.values()):
        init = "exact"
    moments: dict[Module, list[Moments]] | None = None
    if init in CALIBRATED:
        moments = collect_moments(original, calibration(), tuple(shapes))
    return convert(original, shapes, init, moments)


def new_cache() -> EncoderDecoderCache:
    return EncoderDecoderCache(DynamicCache(), DynamicCache())


@torch.no_grad()
def logits(model: Any, inputs: Mapping[str, Tensor], **more: Any) -> Tensor:
    output: Tensor = model(**inputs, **more).logits
    return output


def logits_in_steps(model: Any, inputs: Mapping[str, Tensor], cache: EncoderDecoderCache) -> Tensor:
    """A prompt of several tokens, one token, and several at once, through the live cache."""
    ids, steps = inputs["decoder_input_ids"], []
    for part in (ids[:, :4], ids[:, 4:5], ids[:, 5:]):
        steps.append(logits(model, {**inputs, "decoder_input_ids": part}, past_key_values=cache, use_cache=True))
        assert cache.get_seq_length() == sum(step.shape[1] for step in steps)
    return torch.cat(steps, dim=1)
