"""The manifest: what was decoded, of which models and clips, with which settings, in which environment."""

from collections.abc import Collection, Mapping
from typing import Any

from bench import __version__
from bench.arms import find_arm
from bench.errors import BenchError
from bench.io.hub import is_commit
from bench.runners.blocks import fixed_settings, parts_of
from bench.runners.choosing import fits_here, suits
from bench.runners.work import ArmWork, Work
from bench.store import Store
from bench.suite import ArmSpec, Suite


def record_work(store: Store, work: Work, decoded: Collection[str]) -> tuple[str, ...]:
    """Writes the manifest of every arm that is decoded in full; returns the ids of the arms that are not.

    `decoded` are the keys of this run's parts. The others keep the hash they were first recorded with, so that a part
    that was changed afterwards stays known as such. An arm that this run was not to decode stays as it was recorded,
    perhaps in another environment, while that is of these clips and settings.
    """
    recorded = store.read_manifest()["arms"] if store.is_readable() else {}  # now: another run may have written it
    known = {key: value for arm in recorded.values() for key, value in arm["hashes"].items()}
    decided = {arm.id: arm for arm in work.arms}
    arms = {}
    for spec in work.suite.arms:
        kept = recorded.get(spec.id)
        if spec.id not in decided and kept is not None and _still_holds(store, work, spec, kept):
            arms[spec.id] = kept
            continue
        arm = decided.get(spec.id) or _found_here(work, spec)
        if arm is not None and arm.is_whole(store):
            hashes = {key: store.hash_part(key) if key in decoded else known.get(key) for key in arm.keys}
            arms[spec.id] = _entry(work, arm) | {
                "hashes": {key: value or store.hash_part(key) for key, value in hashes.items()}
            }
    store.write_manifest(
        {
            "bench": __version__,
            "corpus": work.corpus.name,
            "commit": work.corpus.commit,
            "clusters": work.corpus.clusters,
            "suite": work.suite.what_is_decoded(),
            "arms": arms,
        }
    )
    return tuple(arm.id for arm in work.suite.arms if arm.id not in arms)


def require_same_commits(suite: Suite, store: Store, work: Work) -> None:
    """Raises BenchError where a name on the hub that was left open has come to mean another commit since.

    The decodes that are there are of the first; what is decoded now would not be.
    """
    if not store.is_readable():
        return
    manifest = store.read_manifest()
    before = manifest["suite"]
    now = suite.what_is_decoded()
    named = []
    if (corpus := _same(before["corpus"], now["corpus"], "repo", "revision")) is not None:
        named.append(("corpus", corpus["repo"], corpus["revision"], manifest.get("commit"), work.corpus.commit))
    arms = {(arm["name"], arm["seed"]): arm for arm in before["arms"]}
    for arm in work.arms:
        spec = arm.source.files
        known = arms.get((spec.name, spec.seed), {})
        if _same(known, spec.model_dump(), "model", "revision") is not None:
            commit = manifest["arms"].get(arm.id, {}).get("commit")
            named.append((f"arm {arm.id}", spec.model, spec.revision, commit, arm.source.commit))
    for what, repo, revision, old, new in named:
        if old and new and old != new and not is_commit(revision):
            raise BenchError(
                f"{what}: {repo} was at {old} when {store.folder} was decoded, and is at {new} now; set revision = "
                f'"{old}" to go on, or decode anew into another --results'
            )


def _same(before: Mapping[str, Any], now: Mapping[str, Any], *names: str) -> Mapping[str, Any] | None:
    """What was said before, if it is said now too."""
    return before if all(before.get(name) == now.get(name) for name in names) else None


def _still_holds(store: Store, work: Work, spec: ArmSpec, kept: Mapping[str, Any]) -> bool:
    """Whether a recorded arm is of these clips, this model and these settings, whatever it was decoded with."""
    settings, material = kept["settings"], kept["material"]
    asked = fixed_settings(work.suite.decode) | {"kv": spec.kv}
    if any(settings.get(name) != value for name, value in asked.items()) or not suits(spec, settings["transformers"]):
        return False
    if {cell: list(of_cell[1:]) for cell, of_cell in material.items()} != {
        cell: list(of_cell[1:]) for cell, of_cell in work.material.items()
    }:
        return False
    source = _find(work.suite, spec)
    if source is not None and source.fingerprint != kept["fingerprint"]:
        return False
    keys = work.keys_of(spec.id, kept["fingerprint"], settings, material)
    return parts_of(work.blocks, keys) == kept["parts"] and all(store.has_part(key) for key in keys)


def _found_here(work: Work, spec: ArmSpec) -> ArmWork | None:
    """An arm that an earlier run of this environment may have decoded, if its model is here."""
    source = _find(work.suite, spec) if fits_here(spec) else None
    return None if source is None else work.plan_arm(source)


def _find(suite: Suite, spec: ArmSpec) -> Any:
    try:
        return find_arm(spec, suite.files_of(spec))
    except BenchError:  # of an arm that this run does not need
        return None


def _entry(work: Work, arm: ArmWork) -> dict[str, Any]:
    """Model, its size, settings, and the parts of each cell in order."""
    return {
        "fingerprint": arm.source.fingerprint,
        "commit": arm.source.commit,
        "parameters": arm.source.parameters(),
        "settings": arm.settings,
        "material": work.material,
        "parts": parts_of(work.blocks, arm.keys),
    }
