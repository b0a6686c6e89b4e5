"""The manifest: what was decoded, of which models and clips, with which settings, in which environment."""

from collections.abc import Collection
from dataclasses import dataclass

from bench.corpus_identity import HubCorpus
from bench.errors import BenchError
from bench.io.hub import is_commit
from bench.manifest import ArmRecord, Manifest
from bench.runners.blocks import parts_of
from bench.runners.choosing import fits_here, suits
from bench.runners.recognisers import Source, asked_settings, find_source
from bench.runners.work import ArmWork, Material, Work
from bench.store import Store
from bench.suite import ArmSpec, Suite
from bench.utterance_records import write_utterances
from bench.version import __version__


def record_work(store: Store, work: Work, decoded: Collection[str]) -> tuple[str, ...]:
    """Writes the manifest of every arm that is decoded in full; returns the ids of the arms that are not.

    What the corpus says of the clips now is written beside it.

    `decoded` are the keys of this run's parts. The others keep the hash they were first recorded with, so that a part
    that was changed afterwards stays known as such. An arm that this run was not to decode stays as it was recorded,
    perhaps in another environment, while that is of these clips and settings.
    """
    recorded = store.read_manifest().arms if store.is_readable() else {}  # now: another run may have written it
    known = {key: value for arm in recorded.values() for key, value in arm.hashes.items()}
    there = store.part_keys()
    decided = {arm.id: arm for arm in work.arms}
    arms: dict[str, ArmRecord] = {}
    for spec in work.suite.arms:
        kept = recorded.get(spec.id)
        if spec.id not in decided and kept is not None and _still_holds(there, work, spec, kept):
            arms[spec.id] = kept
            continue
        arm = decided.get(spec.id) or _found_here(work, spec)
        if arm is not None and arm.is_whole(there):
            hashes = {key: store.hash_part(key) if key in decoded else known.get(key) for key in arm.keys}
            arms[spec.id] = _record(work, arm, {key: value or store.hash_part(key) for key, value in hashes.items()})
    store.write_manifest(
        Manifest(
            bench=__version__,
            corpus=work.corpus.identity,
            utterances=write_utterances(store.folder, work.corpus.described()),
            suite=work.suite.what_is_decoded(),
            arms=arms,
        )
    )
    return tuple(arm.id for arm in work.suite.arms if arm.id not in arms)


@dataclass(frozen=True)
class _Named:
    """What a suite says of something on the hub, and what that was."""

    repo: str
    revision: str | None
    commit: str | None

    @classmethod
    def corpus(cls, corpus: HubCorpus) -> "_Named":
        return cls(corpus.repo, corpus.revision, corpus.commit)

    def has_moved(self, before: "_Named") -> bool:
        """Whether the same words have come to mean another commit; a commit says which it means."""
        if (self.repo, self.revision) != (before.repo, before.revision) or is_commit(self.revision):
            return False
        return bool(before.commit and self.commit and before.commit != self.commit)


def require_same_commits(store: Store, work: Work) -> None:
    """Raises BenchError where a name on the hub that was left open has come to mean another commit since.

    The decodes that are there are of the first; what is decoded now would not be.
    """
    if not store.is_readable():
        return
    manifest = store.read_manifest()
    named: list[tuple[str, _Named, _Named]] = []
    old, new = manifest.corpus, work.corpus.identity
    if isinstance(old, HubCorpus) and isinstance(new, HubCorpus):
        named.append(("corpus", _Named.corpus(old), _Named.corpus(new)))
    for arm in work.arms:
        if (known := manifest.arms.get(arm.id)) is not None:
            files, before = arm.source.files, _Named(known.model, known.revision, known.commit)
            named.append((f"arm {arm.id}", before, _Named(files.as_named, files.revision, arm.source.commit)))
    for what, before, now in named:
        if now.has_moved(before):
            raise BenchError(
                f"{what}: {now.repo} was at {before.commit} when {store.folder} was decoded, and is at {now.commit} "
                f'now; set revision = "{before.commit}" to go on, or decode anew into another --results'
            )


def _still_holds(there: Collection[str], work: Work, spec: ArmSpec, kept: ArmRecord) -> bool:
    """Whether a recorded arm is of these clips, this model and these settings, whatever it was decoded with."""
    asked = asked_settings(work.suite, spec)
    if any(getattr(kept.settings, name) != value for name, value in asked.items()):
        return False
    if not suits(spec, kept.settings.transformers):
        return False
    if _without_code(kept.material) != _without_code(work.material):
        return False
    source = _find(work.suite, spec)
    if source is not None and source.fingerprint != kept.fingerprint:
        return False
    keys = [part.key for part in work.name_parts(kept.fingerprint, kept.settings, kept.material)]
    return parts_of(work.blocks, keys) == kept.parts and all(key in there for key in keys)


def _without_code(material: Material) -> Material:
    """What the audio is made from, whatever made it."""
    return {cell: of_cell[1:] for cell, of_cell in material.items()}


def _found_here(work: Work, spec: ArmSpec) -> ArmWork | None:
    """An arm that an earlier run of this environment may have decoded, if its model is here."""
    source = _find(work.suite, spec) if fits_here(spec) else None
    return None if source is None else work.plan_arm(source)


def _find(suite: Suite, spec: ArmSpec) -> Source | None:
    try:
        return find_source(suite, spec)
    except BenchError:  # of an arm that this run does not need
        return None


def _record(work: Work, arm: ArmWork, hashes: dict[str, str]) -> ArmRecord:
    source = arm.source
    return ArmRecord(
        model=source.files.as_named,
        revision=source.files.revision,
        commit=source.commit,
        fingerprint=source.fingerprint,
        parameters=source.parameters(),
        settings=arm.settings,
        material=work.material,
        parts=parts_of(work.blocks, arm.keys),
        hashes=hashes,
        calibration=source.calibration(),
        conversion=source.conversion(),
    )
