"""The manifest: what was decoded, of which models and clips, with which settings, in which environment."""

from collections.abc import Collection
from typing import Any

from bench import __version__
from bench.errors import BenchError
from bench.hub import is_commit
from bench.runners.blocks import parts_of
from bench.runners.work import ArmWork, Work
from bench.store import Store
from bench.suite import Suite


def record_work(suite: Suite, store: Store, work: Work, decoded: Collection[str]) -> tuple[str, ...]:
    """Writes the manifest of every arm that is decoded in full; returns the ids of the arms that are not.

    `decoded` are the keys of this run's parts. The others keep the hash they were first recorded with, so that a part
    that was changed afterwards stays known as such.
    """
    known = _recorded_hashes(store)
    arms = {}
    for arm in work.arms:
        if arm.is_whole(store):
            hashes = {key: store.hash_part(key) if key in decoded else known.get(key) for key in arm.keys}
            arms[arm.id] = _entry(work, arm) | {
                "hashes": {key: value or store.hash_part(key) for key, value in hashes.items()}
            }
    store.write_manifest(
        {
            "bench": __version__,
            "corpus": work.corpus.name,
            "commit": work.corpus.commit,
            "clusters": work.corpus.clusters,
            "suite": suite.what_is_decoded(),
            "arms": arms,
        }
    )
    return tuple(arm.id for arm in suite.arms if arm.id not in arms)


def require_same_commits(suite: Suite, store: Store, work: Work) -> None:
    """Raises BenchError where a name on the hub that was left open has come to mean another commit since.

    The decodes that are there are of the first; what is decoded now would not be.
    """
    if not store.is_readable():
        return
    manifest = store.read_manifest()
    named = [("corpus.repo", suite.corpus.repo, suite.corpus.revision, manifest.get("commit"), work.corpus.commit)]
    for arm in work.arms:
        before = manifest["arms"].get(arm.id, {}).get("commit")
        spec = arm.source.files
        named.append((f"arm {arm.id}", spec.model, spec.revision, before, arm.source.commit))
    for what, repo, revision, before, now in named:
        if before and now and before != now and not is_commit(revision):
            raise BenchError(
                f"{what}: {repo} was at {before} when {store.folder} was decoded, and {revision or 'its main branch'} "
                f'is {now} now; set revision = "{before}" to go on, or decode anew into another --results'
            )


def _recorded_hashes(store: Store) -> dict[str, str]:
    """Of the run before; none where there was none, or its manifest cannot be read and is about to be replaced."""
    arms = store.read_manifest()["arms"].values() if store.is_readable() else ()
    return {key: value for arm in arms for key, value in arm["hashes"].items()}


def _entry(work: Work, arm: ArmWork) -> dict[str, Any]:
    """Model, its size, settings, and the parts of each cell in order."""
    return {
        "fingerprint": arm.source.fingerprint,
        "commit": arm.source.commit,
        "parameters": arm.source.parameters(),
        "settings": arm.settings,
        "material": arm.material,
        "parts": parts_of(work.blocks, arm.keys),
    }
