"""The work of a suite: cells cut into blocks, and the settings that they are decoded with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch

from bench.arms import ArmSource
from bench.audio import decoder, resampler
from bench.corpora import Corpus, Utterance
from bench.manifest import DecodeSettings
from bench.suite import Condition, DecodeSpec, Suite

BLOCK_CLIPS = 256
RECIPE = 3
"""Raised whenever the same inputs would give other decodes, so that parts of an older version are not reused."""


@dataclass(frozen=True)
class Block:
    """Up to 256 utterances of one cell."""

    language: str
    condition: Condition
    utterances: tuple[Utterance, ...]

    @property
    def cell(self) -> str:
        return f"{self.language}/{self.condition.name}"


def blocks_of(suite: Suite, corpus: Corpus) -> Iterator[Block]:
    """Every cell of the suite cut into blocks; all conditions of the same clips together, so that these are read once.

    Such blocks share one tuple of utterances.
    """
    for language in suite.languages:
        everything = tuple(corpus.utterances[language])
        for start in range(0, len(everything), BLOCK_CLIPS):
            utterances = everything[start : start + BLOCK_CLIPS]
            for condition in suite.conditions:
                yield Block(language, condition, utterances)


def parts_of(blocks: Sequence[Block], keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The part keys of each cell, in the blocks' order."""
    parts: dict[str, tuple[str, ...]] = {}
    for block, key in zip(blocks, keys, strict=True):
        parts[block.cell] = (*parts.get(block.cell, ()), key)
    return parts


def fixed_settings(decode: DecodeSpec) -> dict[str, Any]:
    """Those that are the suite's and this program's, wherever it decodes."""
    return decode.model_dump() | {
        "beams": 1,
        "temperature": 0,
        "task": "transcribe",
        "recipe": RECIPE,
    }


def decode_settings(decode: DecodeSpec, arm: ArmSource) -> DecodeSettings:
    """Spelled out in the manifest and hashed into every signature."""
    return DecodeSettings(
        **fixed_settings(decode),
        audio=decoder(),
        resampler=resampler(),
        torch=version("torch"),
        transformers=version("transformers"),
        kv=arm.spec.kv,
        prompt_tokens=arm.prompt_tokens(),
        generation=arm.generation_settings(),
        gpu=gpu_name() if decode.device == "cuda" else None,
    )


def gpu_name() -> str:
    """Whose kernels decode."""
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}" if torch.cuda.is_available() else "none"
