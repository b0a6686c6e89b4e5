"""Whispers without weights: every shape of the published sizes, and of their conversions, in no memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import EXACT, LatentShape, Module, shape_of_cut
from bench.mla.sizes import WHISPERS, make_config


def read_config(name: str) -> WhisperConfig:
    """The config of a published size, or of a folder that has a config.json. Raises BenchError where it is neither."""
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
        config.mla = {module: shape.config() for module, shape in latents.items()}
        return WhisperMLAForConditionalGeneration(config)
