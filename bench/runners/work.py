"""What a run has to do: the arms it was asked for, the blocks of every cell, and the key of each part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import __version__
from bench.arms import ArmSource, find_arm
from bench.corpora import Corpus, load_corpus
from bench.errors import BenchError
from bench.runners.blocks import Block, block_key, blocks_of, decode_settings, describe_utterances
from bench.runners.conditions import Conditions
from bench.snr_ladder import POOL
from bench.store import Store
from bench.suite import ArmSpec, Suite


@dataclass(frozen=True)
class ArmWork:
    """One arm's share: its resolved decode settings, and the part key of every block, in the blocks' order."""

    source: ArmSource
    settings: dict[str, Any]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Work:
    """All blocks of a suite, what each arm makes of them, and the ids of the arms this run is to decode.

    `material`: by cell, fingerprints of whatever the audio is made from besides the clips.
    """

    corpus: str
    conditions: Conditions
    blocks: tuple[Block, ...]
    material: Mapping[str, Sequence[str]]
    arms: tuple[ArmWork, ...]
    chosen: frozenset[str]

    def missing(self, store: Store) -> list[tuple[Block, dict[str, str]]]:
        """Blocks that some chosen arm has not decoded, with the part keys of those arms by arm id."""
        chosen = [arm for arm in self.arms if arm.source.spec.id in self.chosen]
        lacking = [
            (block, {arm.source.spec.id: arm.keys[i] for arm in chosen if not store.has_part(arm.keys[i])})
            for i, block in enumerate(self.blocks)
        ]
        return [(block, keys) for block, keys in lacking if keys]

    @property
    def decodes(self) -> int:
        """Clips summed over the chosen arms."""
        return len(self.chosen) * sum(len(block.utterances) for block in self.blocks)


def plan_work(suite: Suite, arm_names: Sequence[str]) -> Work:
    """Finds models and clips and names every part. Raises BenchError for what would fail or be of no use later.

    Arms that were not asked for are planned too, to see whether they are decoded already; their models may be missing.
    """
    chosen = frozenset(arm.id for arm in _chosen(suite, arm_names))
    sources = [source for spec in suite.arms if (source := _find(suite, spec, needed=spec.id in chosen))]
    pool = POOL if any(condition.needs_pool for condition in suite.conditions) else 0
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed, pool)
    _require_speakers(suite, corpus)
    conditions = Conditions(corpus, suite.seed)
    conditions.require_material(suite.conditions, suite.languages)
    blocks = tuple(blocks_of(suite, corpus))
    material = [conditions.fingerprint(block.condition, block.language) for block in blocks]
    inputs = list(zip(describe_utterances(blocks), blocks, material, strict=True))
    arms = []
    for source in sources:
        settings = decode_settings(suite.decode, source)
        keys = tuple(block_key(*of_block, source, settings, suite.seed) for of_block in inputs)
        arms.append(ArmWork(source, settings, keys))
    by_cell = {block.cell: made_of for block, made_of in zip(blocks, material, strict=True)}
    return Work(corpus.name, conditions, blocks, by_cell, tuple(arms), chosen)


def record_work(suite: Suite, store: Store, work: Work, decoded: Collection[str]) -> tuple[str, ...]:
    """Writes the manifest of every arm that is decoded in full; returns the ids of the arms that are not.

    `decoded` are the keys of this run's parts. The others keep the hash they were first recorded with, so that a part
    that was changed afterwards stays known as such.
    """
    whole = [arm for arm in work.arms if all(store.has_part(key) for key in arm.keys)]
    known = _recorded_hashes(store)
    arms = {}
    for arm in whole:
        hashes = {key: store.hash_part(key) if key in decoded else known.get(key) for key in arm.keys}
        arms[arm.source.spec.id] = _manifest_entry(work, arm) | {
            "hashes": {key: value or store.hash_part(key) for key, value in hashes.items()}
        }
    store.write_manifest(
        {
            "bench": __version__,
            "corpus": work.corpus,
            "suite": suite.what_is_decoded(),
            "material": work.material,
            "arms": arms,
        }
    )
    return tuple(arm.id for arm in suite.arms if arm.id not in arms)


def _find(suite: Suite, spec: ArmSpec, needed: bool) -> ArmSource | None:
    try:
        return find_arm(spec, suite.files_of(spec))
    except BenchError:
        if needed:
            raise
        return None


def _recorded_hashes(store: Store) -> dict[str, str]:
    """Of the run before; none where there was none, or its manifest cannot be read and is about to be replaced."""
    try:
        arms = store.read_manifest()["arms"].values()
    except BenchError:
        return {}
    return {key: value for arm in arms for key, value in arm["hashes"].items()}


def _manifest_entry(work: Work, arm: ArmWork) -> dict[str, Any]:
    """Model, its size, settings, and the parts of each cell in order."""
    parts: dict[str, list[str]] = {}
    for block, key in zip(work.blocks, arm.keys, strict=True):
        parts.setdefault(block.cell, []).append(key)
    return {
        "fingerprint": arm.source.fingerprint,
        "parameters": arm.source.parameters(),
        "settings": arm.settings,
        "parts": parts,
    }


def _chosen(suite: Suite, arm_names: Sequence[str]) -> list[ArmSpec]:
    """The arms named, by name (all training seeds) or by id; all if none is named."""
    known = {name for arm in suite.arms for name in (arm.name, arm.id)}
    if unknown := sorted(set(arm_names) - known):
        raise BenchError(f"--arm {unknown[0]}: the suite's arms are {', '.join(arm.id for arm in suite.arms)}")
    return [arm for arm in suite.arms if not arm_names or {arm.name, arm.id} & set(arm_names)]


def _require_speakers(suite: Suite, corpus: Corpus) -> None:
    """What the comparison will need, demanded before hours of decoding rather than after."""
    compared = any(arm.control is not None for arm in suite.arms)
    if not compared or suite.statistics.unit != "speaker":
        return
    for language, utterances in corpus.utterances.items():
        nameless = [utterance.id for utterance in utterances if not utterance.speaker]
        if nameless or len({utterance.speaker for utterance in utterances}) == 1:
            problem = f"clip {nameless[0]} names no speaker" if nameless else "all clips are by one speaker"
            raise BenchError(
                f'statistics.unit = "speaker": {language}: {problem}; add speakers, or set unit = "utterance" '
                "(intervals then ignore that clips of one speaker are alike)"
            )
