"""Hashes that tell models, and encoders, apart."""

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch
from transformers import WhisperFeatureExtractor

ENCODER_SETTINGS = (
    *("d_model", "num_mel_bins", "max_source_positions", "activation_function", "scale_embedding"),
    *("encoder_layers", "encoder_attention_heads", "encoder_ffn_dim"),
)
"""What a Whisper encoder reads from its configuration at inference."""
WITHOUT_ENCODER = (".self_attn.", ".fc1.", ".fc2.", "embed_")
"""Weights of a decoder that never meet the encoder's output."""


def hash_files(paths: Iterable[Path]) -> str:
    """Over names and bytes, in sorted order."""
    digest = blake2b(digest_size=8)
    for path in sorted(paths):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def hash_weights(module: torch.nn.Module, but: Sequence[str] = ()) -> str:
    """Over names, shapes and bytes of a module's parameters and buffers, but those whose name holds any of `but`."""
    digest = blake2b(digest_size=16)
    for name, tensor in sorted(module.state_dict().items()):
        if not any(part in name for part in but):
            digest.update(f"{name}\0{tuple(tensor.shape)}\0".encode())
            digest.update(tensor.contiguous().cpu().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def hash_encoder(model: Any, extractor: WhisperFeatureExtractor, attention: str) -> str:
    """Everything between audio and encoder states: front end, code, settings, weights, dtype, attention and device."""
    encoder = model.get_encoder()
    parts = [
        json.dumps(extractor.to_dict(), sort_keys=True, default=str),
        f"{type(encoder).__module__}.{type(encoder).__qualname__}",
        *(f"{name}={getattr(model.config, name)}" for name in ENCODER_SETTINGS),
        *(str(model.dtype), str(model.device), attention, hash_weights(encoder)),
    ]
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def hash_cross(model: Any, attention: str) -> str:
    """Everything between encoder states and what cross-attention caches of them."""
    decoder = model.get_decoder()
    kinds = [type(layer.encoder_attn).__qualname__ for layer in decoder.layers]
    parts = [
        *(*kinds, str(model.config.decoder_attention_heads), str(model.dtype), str(model.device), attention),
        hash_weights(decoder, but=WITHOUT_ENCODER),
    ]
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
