"""The names of parts: hashes of what determines the decodes in them, and of nothing else.

What describes a clip without changing what is decoded of it (reference, speaker, gender, …) is in none, nor is what an
arm is called: arms of one model and the same settings share their parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bench.corpora import Utterance
from bench.decode_parts import STEM_END, part_key
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block
from bench.runners.conditions import Conditions
from bench.suite import CLEAN


@dataclass(frozen=True)
class PartName:
    """Of one model's decodes of a block: the hash of what all clips of the cell share, and a key a clip, in order."""

    stem: str
    clips: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        return f"{self.stem}{STEM_END}{part_key({'clips': self.clips})}"


@dataclass(frozen=True)
class ClipFacts:
    """What a decode may depend on in its clip. `unheard`: clips of the pool that are never heard over it."""

    id: str
    audio: str
    seconds: float | None
    reference: str
    unheard: tuple[str, ...]

    def key(self, talkers: bool, forced: bool) -> str:
        """Of a condition with other talkers or without; of decodes for which the reference is forced, or is not."""
        facts = {"id": self.id, "audio": self.audio, "seconds": self.seconds}
        return part_key(
            facts | ({"unheard": self.unheard} if talkers else {}) | ({"reference": self.reference} if forced else {})
        )


@dataclass(frozen=True, eq=False)
class Described:
    """The clips of a block, each key hashed once, whatever the number of arms and conditions."""

    clips: tuple[ClipFacts, ...]
    _keys: dict[tuple[bool, bool], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def keys(self, talkers: bool, forced: bool) -> tuple[str, ...]:
        asked = talkers, forced
        if asked not in self._keys:
            self._keys[asked] = tuple(clip.key(talkers, forced) for clip in self.clips)
        return self._keys[asked]


def describe_blocks(blocks: Sequence[Block], conditions: Conditions) -> tuple[Described, ...]:
    """For each block what its clips are; all conditions of the same clips share it, so that audio is read once."""
    talkers = any(block.condition.has_talkers for block in blocks)
    described: list[Described] = []
    for i, block in enumerate(blocks):
        known = i > 0 and block.utterances is blocks[i - 1].utterances
        described.append(described[-1] if known else _describe(block, conditions.unheard if talkers else _nobody))
    return tuple(described)


def _describe(block: Block, unheard: Callable[[Utterance], tuple[str, ...]]) -> Described:
    return Described(
        tuple(ClipFacts(u.id, u.audio_hash(), u.seconds, u.reference, unheard(u)) for u in block.utterances)
    )


def _nobody(_: Utterance) -> tuple[str, ...]:
    """Where nobody is heard over anybody."""
    return ()


def name_part(
    described: Described,
    block: Block,
    material: Sequence[str],
    fingerprint: str,
    settings: DecodeSettings,
    seed: int,
) -> PartName:
    """Changes with anything that could change the decodes: clips, condition, model, settings, versions.

    `material`: fingerprints of whatever else the condition is made from. The reference counts where its likelihood is
    recorded, the seed where something is drawn.
    """
    shared = {
        "model": fingerprint,
        "language": block.language,
        "condition": block.condition.what_is_done(),
        "material": list(material),
        "seed": None if block.condition.kind == CLEAN else seed,
        "settings": settings.model_dump(),
    }
    return PartName(part_key(shared), described.keys(block.condition.has_talkers, settings.nll))
