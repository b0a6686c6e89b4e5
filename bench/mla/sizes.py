"""The published sizes of Whisper as configs of transformers, and models of those sizes whose weights are random."""

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from bench.mla.dimensions import ENGLISH, FEED_FORWARD, HEAD, WHISPERS


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
        encoder_attention_heads=size.width // HEAD,
        decoder_attention_heads=size.width // HEAD,
        encoder_ffn_dim=FEED_FORWARD * size.width,
        decoder_ffn_dim=FEED_FORWARD * size.width,
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
