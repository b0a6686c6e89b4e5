"""The published sizes of Whisper, as configs; and models of those sizes whose weights are random."""

from collections.abc import Mapping

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

WHISPERS: Mapping[str, tuple[int, int, int, int]] = {
    "tiny": (384, 4, 4, 6),
    "base": (512, 6, 6, 8),
    "small": (768, 12, 12, 12),
    "medium": (1024, 24, 24, 16),
    "large-v3": (1280, 32, 32, 20),
    "turbo": (1280, 32, 4, 20),
}
"""Width, encoder layers, decoder layers, heads: as OpenAI published them."""
LARGE_V3 = {"large-v3", "turbo"}
"""These have 128 mel bands and a token more."""


def make_config(name: str) -> WhisperConfig:
    """Of one of the `WHISPERS`, multilingual."""
    width, encoder_layers, decoder_layers, heads = WHISPERS[name]
    return WhisperConfig(
        vocab_size=51_866 if name in LARGE_V3 else 51_865,
        num_mel_bins=128 if name in LARGE_V3 else 80,
        d_model=width,
        encoder_layers=encoder_layers,
        decoder_layers=decoder_layers,
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_source_positions=1500,
        max_target_positions=448,
        decoder_start_token_id=50_258,
    )


def make_random_model(name: str, attention: str) -> WhisperForConditionalGeneration:
    """The same weights every time. They say nothing; what they take, in bytes and in time, is true."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = make_config(name)
        config._attn_implementation = attention
        return WhisperForConditionalGeneration(config).eval()
