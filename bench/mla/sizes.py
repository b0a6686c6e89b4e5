"""The published sizes of Whisper, as configs; and models of those sizes whose weights are random."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

ENGLISH, MULTILINGUAL, NEWEST = 51_864, 51_865, 51_866
"""Tokens: of English-only Whispers, of multilingual ones, and of those that know Cantonese."""


@dataclass(frozen=True)
class Size:
    """A published shape. The feed-forward width is four times the model's, whose heads have 64 dimensions each."""

    width: int
    encoder_layers: int
    decoder_layers: int
    tokens: int = MULTILINGUAL
    mel_bands: int = 80


WHISPERS: Mapping[str, Size] = {
    "tiny": Size(384, 4, 4),
    "tiny.en": Size(384, 4, 4, ENGLISH),
    "base": Size(512, 6, 6),
    "base.en": Size(512, 6, 6, ENGLISH),
    "small": Size(768, 12, 12),
    "small.en": Size(768, 12, 12, ENGLISH),
    "distil-small.en": Size(768, 12, 4, ENGLISH),
    "medium": Size(1024, 24, 24),
    "medium.en": Size(1024, 24, 24, ENGLISH),
    "distil-medium.en": Size(1024, 24, 2, ENGLISH),
    "large-v2": Size(1280, 32, 32),
    "distil-large-v2": Size(1280, 32, 2),
    "large-v3": Size(1280, 32, 32, NEWEST, 128),
    "turbo": Size(1280, 32, 4, NEWEST, 128),
    "distil-large-v3": Size(1280, 32, 2, NEWEST, 128),
}
"""As OpenAI and Distil-Whisper published them."""


def make_config(name: str) -> WhisperConfig:
    """Of one of the `WHISPERS`."""
    size = WHISPERS[name]
    end = 50_256 if size.tokens == ENGLISH else 50_257
    return WhisperConfig(
        vocab_size=size.tokens,
        num_mel_bins=size.mel_bands,
        d_model=size.width,
        encoder_layers=size.encoder_layers,
        decoder_layers=size.decoder_layers,
        encoder_attention_heads=size.width // 64,
        decoder_attention_heads=size.width // 64,
        encoder_ffn_dim=4 * size.width,
        decoder_ffn_dim=4 * size.width,
        max_source_positions=1500,
        max_target_positions=448,
        decoder_start_token_id=end + 1,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
    )


def make_random_model(name: str, attention: str) -> WhisperForConditionalGeneration:
    """The same weights every time. They say nothing; what they take, in bytes and in time, is true."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = make_config(name)
        config._attn_implementation = attention
        return WhisperForConditionalGeneration(config).eval()
