"""The work of a suite: cells cut into blocks, and the key under which an arm's decodes of a block are stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch

from bench.arms import ArmSource
from bench.audio import decoder, resampler
from bench.corpora import Corpus, Utterance
from bench.manifest import DecodeSettings
from bench.store import part_key
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
        gpu=_gpu() if decode.device == "cuda" else None,
    )


def _gpu() -> str:
    """Whose kernels decode."""
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}" if torch.cuda.is_available() else "none"


Description = list[tuple[str, ...]]


def describe_utterances(blocks: Sequence[Block]) -> list[Description]:
    """For each block, everything of its utterances that a decode row holds, and a hash of the audio's bytes."""
    described: list[Description] = []
    for i, block in enumerate(blocks):
        known = i > 0 and block.utterances is blocks[i - 1].utterances
        described.append(described[-1] if known else [_describe(utterance) for utterance in block.utterances])
    return described


def _describe(u: Utterance) -> tuple[str, ...]:
    return u.id, u.reference, u.speaker, u.gender, u.age, u.accent, u.sentence_id, str(u.seconds), u.audio_hash()


def block_key(
    utterances: Description,
    block: Block,
    material: Sequence[str],
    arm_id: str,
    fingerprint: str,
    settings: DecodeSettings,
    seed: int,
) -> str:
    """Changes with anything that could change the decodes: clips, references, condition, model, settings, versions.

    `material`: fingerprints of whatever else the condition is made from.
    """
    return part_key(
        {
            "arm": arm_id,
            "model": fingerprint,
            "language": block.language,
            "condition": block.condition.what_is_done(),
            "material": list(material),
            "seed": seed,
            "settings": settings.model_dump(),
            "utterances": utterances,
        }
    )
