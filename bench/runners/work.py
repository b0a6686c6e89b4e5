"""What a run has to do: the arms it was asked for, the blocks of every cell, and the key of each part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.arms import ArmSource, find_arm
from bench.corpora import Corpus, load_corpus
from bench.errors import BenchError
from bench.runners.blocks import (
    ENVIRONMENT,
    Block,
    Description,
    block_key,
    blocks_of,
    decode_settings,
    describe_utterances,
    parts_of,
)
from bench.runners.choosing import choose_arms
from bench.runners.conditions import Conditions
from bench.snr_ladder import POOL
from bench.store import Store
from bench.suite import ArmSpec, Suite


@dataclass(frozen=True)
class ArmWork:
    """One arm's share: its resolved decode settings, what its audio is made from besides the clips (fingerprints, by
    cell), and the part key of every block, in the blocks' order.
    """

    source: ArmSource
    settings: dict[str, Any]
    material: Mapping[str, Sequence[str]]
    keys: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.source.spec.id

    def is_whole(self, store: Store) -> bool:
        """Every part of it is there."""
        return all(store.has_part(key) for key in self.keys)


@dataclass(frozen=True)
class Work:
    """All blocks of a suite, what each arm makes of them, and the ids of the arms this run is to decode."""

    corpus: Corpus
    conditions: Conditions
    blocks: tuple[Block, ...]
    arms: tuple[ArmWork, ...]
    chosen: frozenset[str]

    def missing(self, store: Store) -> list[tuple[Block, dict[str, str]]]:
        """Blocks that some chosen arm has not decoded, with the part keys of those arms by arm id."""
        chosen = [arm for arm in self.arms if arm.id in self.chosen]
        lacking = [
            (block, {arm.id: arm.keys[i] for arm in chosen if not store.has_part(arm.keys[i])})
            for i, block in enumerate(self.blocks)
        ]
        return [(block, keys) for block, keys in lacking if keys]

    @property
    def decodes(self) -> int:
        """Clips summed over the chosen arms."""
        return len(self.chosen) * sum(len(block.utterances) for block in self.blocks)


def plan_work(suite: Suite, store: Store, arm_names: Sequence[str]) -> Work:
    """Finds models and clips and names every part. Raises BenchError for what would fail or be of no use later.

    Arms that were not asked for are planned too, to see whether they are decoded already, here or in another
    environment; their models may be missing.
    """
    chosen = frozenset(arm.id for arm in choose_arms(suite, arm_names))
    sources = [source for spec in suite.arms if (source := _find(suite, spec, needed=spec.id in chosen))]
    pool = POOL if any(condition.needs_pool for condition in suite.conditions) else 0
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed, pool)
    require_speakers(suite, corpus)
    conditions = Conditions(corpus, suite.seed)
    conditions.require_material(suite.conditions, suite.languages)
    blocks = tuple(blocks_of(suite, corpus))
    material = {
        block.cell: conditions.fingerprint(block.condition, block.language)
        for block in {block.cell: block for block in blocks}.values()
    }
    described = describe_utterances(blocks)
    recorded = store.read_manifest()["arms"] if store.is_readable() else {}
    arms = []
    for source in sources:
        here = _arm_work(suite, blocks, described, source, material)
        there = _arm_elsewhere(suite, blocks, described, here, recorded.get(source.spec.id))
        keep = there is not None and source.spec.id not in chosen and not here.is_whole(store)
        arms.append(there if keep and there is not None else here)
    return Work(corpus, conditions, blocks, tuple(arms), chosen)


def _arm_work(
    suite: Suite,
    blocks: Sequence[Block],
    described: Sequence[Description],
    source: ArmSource,
    material: Mapping[str, Sequence[str]],
    environment: Mapping[str, Any] | None = None,
) -> ArmWork:
    """As this environment would decode it, or one of those settings."""
    settings = decode_settings(suite.decode, source) | dict(environment or {})
    pairs = zip(described, blocks, strict=True)
    keys = [block_key(words, block, material[block.cell], source, settings, suite.seed) for words, block in pairs]
    return ArmWork(source, settings, material, tuple(keys))


def _arm_elsewhere(
    suite: Suite,
    blocks: Sequence[Block],
    described: Sequence[Description],
    here: ArmWork,
    recorded: Mapping[str, Any] | None,
) -> ArmWork | None:
    """The same arm as the manifest has it from another environment, of these very clips and settings; else None."""
    if recorded is None or set(recorded["material"]) != set(here.material):
        return None
    environment = {name: recorded["settings"].get(name) for name in ENVIRONMENT}
    there = _arm_work(suite, blocks, described, here.source, recorded["material"], environment)
    return there if parts_of(blocks, there.keys) == recorded["parts"] else None


def _find(suite: Suite, spec: ArmSpec, needed: bool) -> ArmSource | None:
    try:
        return find_arm(spec, suite.files_of(spec))
    except BenchError:
        if needed:
            raise
        return None


def require_speakers(suite: Suite, corpus: Corpus) -> None:
    """What the comparison will need, demanded before hours of decoding rather than after. Raises BenchError."""
    compared = any(arm.control is not None for arm in suite.arms)
    if not compared or suite.statistics.unit != "speaker":
        return
    if corpus.clusters != "speaker":
        raise BenchError(
            f'statistics.unit = "speaker": {corpus.name} names no speakers; leave unit out: its clips are then '
            f"grouped by {corpus.clusters}, and every report says so"
        )
    for language, utterances in corpus.utterances.items():
        nameless = [utterance.id for utterance in utterances if not utterance.speaker]
        if nameless or len({utterance.speaker for utterance in utterances}) == 1:
            problem = f"clip {nameless[0]} names no speaker" if nameless else "all clips are by one speaker"
            raise BenchError(
                f'statistics.unit = "speaker": {language}: {problem}; add speakers, or set unit = "utterance" '
                "(intervals then ignore that clips of one speaker are alike)"
            )
