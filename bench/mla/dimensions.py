"""The published sizes of Whisper, and what of a config's numbers bytes depend on: no library is loaded for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.io.documents import read_json

ENGLISH, MULTILINGUAL, NEWEST = 51_864, 51_865, 51_866
"""Tokens: of English-only Whispers, of multilingual ones, and of those that know Cantonese."""
FEED_FORWARD = 4
"""How many times the model's width the feed-forward layers of the published sizes are wide."""
HEAD = 64
"""The width of their heads."""


@dataclass(frozen=True)
class Size:
    """A published shape."""

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


@dataclass(frozen=True)
class Dimensions:
    """The numbers of a Whisper's config.json, by the names and with the defaults that they have in transformers."""

    vocab_size: int = MULTILINGUAL
    num_mel_bins: int = 80
    d_model: int = 384
    encoder_layers: int = 4
    decoder_layers: int = 4
    encoder_ffn_dim: int = 1536
    decoder_ffn_dim: int = 1536
    decoder_attention_heads: int = 6
    max_source_positions: int = 1500
    max_target_positions: int = 448
    tie_word_embeddings: bool = True
    mla: Any = None

    @classmethod
    def of_config(cls, config: Any) -> Dimensions:
        """Of a config that is loaded."""
        given: dict[str, Any] = {
            field.name: getattr(config, field.name) for field in fields(cls) if hasattr(config, field.name)
        }
        return cls(**given)

    @classmethod
    def of_size(cls, size: Size) -> Dimensions:
        return cls(
            vocab_size=size.tokens,
            num_mel_bins=size.mel_bands,
            d_model=size.width,
            encoder_layers=size.encoder_layers,
            decoder_layers=size.decoder_layers,
            encoder_ffn_dim=FEED_FORWARD * size.width,
            decoder_ffn_dim=FEED_FORWARD * size.width,
            decoder_attention_heads=size.width // HEAD,
        )


def read_dimensions(name: str) -> Dimensions:
    """Of a published size, or of a folder that has a config.json. Raises BenchError where it is neither."""
    if name in WHISPERS:
        return Dimensions.of_size(WHISPERS[name])
    path = Path(name) / "config.json"
    if not path.is_file():
        raise BenchError(f"{name}: neither a folder with a config.json nor one of {', '.join(WHISPERS)}")
    written = read_json(path, "copy it anew")
    if not isinstance(written, dict) or written.get("model_type") != "whisper":
        raise BenchError(f"{path}: is of no Whisper (model_type); give the folder of one")
    given: dict[str, Any] = {field.name: written[field.name] for field in fields(Dimensions) if field.name in written}
    for key, value in given.items():
        if key == "mla":
            continue
        if not isinstance(value, int) or (value < 1 and key != "tie_word_embeddings"):
            raise BenchError(f"{path} is damaged: {key} = {value!r}; copy it anew")
    return Dimensions(**given)
