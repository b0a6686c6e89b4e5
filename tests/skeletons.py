"""Whispers without weights: every shape of the published sizes, and of their conversions, in no memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import LatentShape, Module


def make_skeleton(config: WhisperConfig, latents: Mapping[Module, LatentShape] | None = None) -> Any:
    """A model whose tensors have shapes and no content: stock, or with latent attention."""
    with torch.device("meta"):
        if not latents:
            return WhisperForConditionalGeneration(config)
        config = WhisperConfig.from_dict(config.to_dict())
        config.mla = {module: shape.config() for module, shape in latents.items()}
        return WhisperMLAForConditionalGeneration(config)
