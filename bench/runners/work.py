"""What a run has to do: the arms it was asked for, the blocks of every cell, and the key of each part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.corpora import Corpus
from bench.errors import BenchError
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block, blocks_of
from bench.runners.choosing import choose_arms
from bench.runners.conditions import Conditions, conditions_of
from bench.runners.gaps import Gap, find_gaps
from bench.runners.keys import Described, PartName, describe_blocks, name_part
from bench.runners.recognisers import Source, find_source, settings_of
from bench.store import Store
from bench.suite import Suite

Material = Mapping[str, tuple[str, ...]]
"""By cell, fingerprints of what its audio is made from besides the clips: of the code first, then of the rest."""


@dataclass(frozen=True)
class ArmWork:
    """One arm's share: its resolved decode settings, and the part of every block, in the blocks' order."""

    source: Source
    settings: DecodeSettings
    parts: tuple[PartName, ...]

    @property
    def id(self) -> str:
        return self.source.spec.id

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self.parts)

    def is_whole(self, there: Collection[str]) -> bool:
        """Every part of it is among the keys of those that are there."""
        return all(key in there for key in self.keys)


@dataclass(frozen=True)
class Work:
    """All blocks of a suite, with what is decoded of each, and the arms that this run is to decode."""

    suite: Suite
    corpus: Corpus
    conditions: Conditions
    blocks: tuple[Block, ...]
    described: tuple[Described, ...]
    material: Material
    arms: tuple[ArmWork, ...]

    def plan_arm(self, source: Source) -> ArmWork:
        """As this environment decodes it."""
        settings = settings_of(self.suite, source)
        return ArmWork(source, settings, self.name_parts(source.fingerprint, settings, self.material))

    def name_parts(self, fingerprint: str, settings: DecodeSettings, material: Material) -> tuple[PartName, ...]:
        """The part of every block."""
        pairs = zip(self.described, self.blocks, strict=True)
        of_arm = (fingerprint, settings, self.suite.seed)
        return tuple(name_part(clips, block, material[block.cell], *of_arm) for clips, block in pairs)

    def missing(self, store: Store) -> list[Gap]:
        """What arms of this run have not decoded; parts that others hold clip by clip are gaps without a clip."""
        return find_gaps(self.blocks, {arm.id: arm.parts for arm in self.arms}, store)

    @property
    def decodes(self) -> int:
        """Clips summed over the arms of this run; of arms that share their decodes, once."""
        parts = {part.key: len(part.clips) for arm in self.arms for part in arm.parts}
        return sum(parts.values())


def plan_work(suite: Suite, arm_names: Sequence[str], conditions: Conditions | None = None) -> Work:
    """Finds models and clips and names every part. Raises BenchError for what would fail or be of no use later.

    `conditions`: the suite's, where they are loaded already.
    """
    sources = [find_source(suite, spec) for spec in choose_arms(suite, arm_names)]
    conditions = conditions or conditions_of(suite)
    corpus = conditions.corpus
    require_speakers(suite, corpus)
    conditions.require_material(suite.conditions, suite.languages)
    blocks = tuple(blocks_of(suite, corpus))
    cells = {block.cell: block for block in blocks}
    material = {cell: conditions.fingerprint(block.condition, block.language) for cell, block in cells.items()}
    planned = Work(suite, corpus, conditions, blocks, describe_blocks(blocks, conditions), material, ())
    arms = tuple(planned.plan_arm(source) for source in sources)
    return Work(suite, corpus, conditions, blocks, planned.described, material, arms)


def require_speakers(suite: Suite, corpus: Corpus) -> None:
    """What the comparison will need, demanded before hours of decoding rather than after. Raises BenchError."""
    compared = any(arm.control is not None for arm in suite.arms)
    if not compared or suite.statistics.unit != "speaker":
        return
    if corpus.identity.clusters != "speaker":
        raise BenchError(
            f'statistics.unit = "speaker": {corpus.name} names no speakers; leave unit out: its clips are then '
            f"grouped by {corpus.identity.clusters}, and every report says so"
        )
    for language, utterances in corpus.utterances.items():
        nameless = [utterance.id for utterance in utterances if not utterance.speaker]
        if nameless or len({utterance.speaker for utterance in utterances}) == 1:
            problem = f"clip {nameless[0]} names no speaker" if nameless else "all clips are by one speaker"
            raise BenchError(
                f'statistics.unit = "speaker": {language}: {problem}; add speakers, or set unit = "utterance" '
                "(intervals then ignore that clips of one speaker are alike)"
            )
