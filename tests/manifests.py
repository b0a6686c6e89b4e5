"""Manifests as a run would have written them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from bench.corpus_identity import ManifestCorpus
from bench.manifest import ArmRecord, DecodeSettings, Manifest
from bench.store import Store
from bench.suite import Suite
from bench.utterance_records import UTTERANCE_SCHEMA, write_utterances

SETTINGS = DecodeSettings(
    device="cpu",
    dtype="float32",
    batch=32,
    max_new_tokens=12,
    long_clips="refuse",
    nll=False,
    beams=1,
    temperature=0,
    task="transcribe",
    attention="sdpa",
    recipe=0,
    kv=None,
    prompt_tokens=4,
    generation={},
    audio="a",
    resampler="r",
    torch="2",
    transformers="5",
)


def make_arm(store: Store, parts: Mapping[str, tuple[str, ...]], **changes: Any) -> ArmRecord:
    """Of parts that are there; `settings` may be some of them."""
    settings = DecodeSettings(**SETTINGS.model_dump() | dict(changes.pop("settings", {})))
    record = {"model": "m", "revision": None, "commit": None, "fingerprint": "f" * 16, "parameters": None}
    hashes = {key: store.hash_part(key) for keys in parts.values() for key in keys}
    of_store = {"settings": settings, "material": {}, "parts": parts, "hashes": hashes}
    return ArmRecord.model_validate(record | of_store | changes)


def write_decodes(store: Store, key: str, rows: pd.DataFrame) -> None:
    """Stores one arm's rows of a cell without what the corpus says of the clips."""
    store.write_part(key, rows.assign(clip_key="").to_dict("records"))


def write_clips_of(store: Store, decodes: Iterable[pd.DataFrame]) -> str:
    """Stores what the corpus says of the clips, each by the first rows that have it; returns the file's hash."""
    everything = pd.concat([rows.reindex(columns=UTTERANCE_SCHEMA.names) for rows in decodes])
    clips = everything.drop_duplicates(["language", "utterance_id"])
    return write_utterances(store.folder, clips.fillna("").to_dict("records"))


def make_manifest(suite: Suite, arms: Mapping[str, ArmRecord], **changes: Any) -> Manifest:
    """Of clips that a manifest lists, unless `changes` says of which corpus; `utterances`: the hash of their file."""
    record: dict[str, Any] = {
        "bench": "0",
        "corpus": ManifestCorpus(stem="clips"),
        "utterances": "",
        "suite": suite.what_is_decoded(),
        "arms": arms,
    }
    return Manifest(**record | changes)


def with_arm(manifest: Manifest, arm_id: str, **changes: Any) -> Manifest:
    """The same, but for what is recorded of one arm."""
    arm = manifest.arms[arm_id].model_copy(update=changes)
    return manifest.model_copy(update={"arms": {**manifest.arms, arm_id: arm}})
