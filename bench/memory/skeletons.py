"""Whispers without weights: every shape of the published sizes, and of their conversions, in no memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import EXACT, LatentShape, Module, shape_of_cut

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
    )


def read_config(name: str) -> WhisperConfig:
    """Of a published size, or from a folder that has a config.json. Raises BenchError where it is neither."""
    if name in WHISPERS:
        return make_config(name)
    if not (Path(name) / "config.json").is_file():
        raise BenchError(f"{name}: neither a folder with a config.json nor one of {', '.join(WHISPERS)}")
    try:
        return WhisperConfig.from_pretrained(name)
    except (OSError, ValueError, TypeError) as error:
        raise BenchError(f"{name}/config.json is damaged: {str(error).splitlines()[0]}; copy it anew") from None


def latent_shapes(config: WhisperConfig, cut: float, modules: Sequence[Module]) -> dict[Module, LatentShape]:
    """Latents without kept dimensions that cut the cache of each module. Raises BenchError for an impossible cut."""
    shape = shape_of_cut(cut, config.d_model, config.decoder_attention_heads, keeps=False)
    return dict.fromkeys(modules, shape)


EXACT_SHAPES: dict[Module, LatentShape] = {"self": EXACT, "cross": EXACT}


def make_skeleton(config: WhisperConfig, latents: Mapping[Module, LatentShape] | None = None) -> Any:
    """A model whose tensors have shapes and no content: stock, or with latent attention."""
    with torch.device("meta"):
        if not latents:
            return WhisperForConditionalGeneration(config)
        config = WhisperConfig.from_dict(config.to_dict())
        config.mla = {module: asdict(shape) for module, shape in latents.items()}
        return WhisperMLAForConditionalGeneration(config)
