"""The work of a suite: cells cut into blocks, and the key under which an arm's decodes of a block are stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from bench.arms import ATTENTION, ArmSource
from bench.audio import DECODER, RESAMPLER
from bench.corpora import Corpus, Utterance
from bench.store import part_key
from bench.suite import ConditionSpec, DecodeSpec, Suite

BLOCK_CLIPS = 256
RECIPE = 1
"""Raised whenever the same inputs would give other decodes, so that parts of an older version are not reused."""


@dataclass(frozen=True)
class Block:
    """Up to 256 utterances of one cell."""

    language: str
    condition: ConditionSpec
    utterances: tuple[Utterance, ...]

    @property
    def cell(self) -> str:
        return f"{self.language}/{self.condition.name}"


def blocks_of(suite: Suite, corpus: Corpus) -> Iterator[Block]:
    """Every cell of the suite in order, each cut into blocks in the corpus's order."""
    for condition in suite.conditions:
        for language in suite.languages:
            utterances = tuple(corpus.utterances[language])
            for start in range(0, len(utterances), BLOCK_CLIPS):
                yield Block(language, condition, utterances[start : start + BLOCK_CLIPS])


def decode_settings(decode: DecodeSpec, arm: ArmSource) -> dict[str, Any]:
    """The resolved settings of an arm's decodes, spelled out in the manifest and hashed into every signature."""
    return decode.model_dump() | {
        "beams": 1,
        "temperature": 0,
        "task": "transcribe",
        "attention": ATTENTION,
        "audio": DECODER,
        "resampler": RESAMPLER,
        "recipe": RECIPE,
        "torch": version("torch"),
        "transformers": version("transformers"),
        "kv": arm.spec.kv,
        "generation": arm.generation_settings(),
    }


def describe_utterances(block: Block) -> list[tuple[str, ...]]:
    """Everything of an utterance that a decode row holds, and a hash of the audio's bytes."""
    return [
        (u.id, u.reference, u.speaker, u.gender, u.age, u.accent, u.sentence_id, str(u.seconds), u.audio_hash())
        for u in block.utterances
    ]


def block_key(
    utterances: list[tuple[str, ...]], block: Block, arm: ArmSource, settings: dict[str, Any], seed: int
) -> str:
    """Changes with anything that could change the decodes: clips, references, condition, model, settings, versions."""
    return part_key(
        {
            "arm": arm.spec.id,
            "model": arm.fingerprint,
            "language": block.language,
            "condition": block.condition.model_dump(),
            "seed": seed,
            "settings": settings,
            "utterances": utterances,
        }
    )
