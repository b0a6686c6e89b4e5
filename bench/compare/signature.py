"""The one line that pins a number."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import pandas as pd

from bench import __version__
from bench.compare.cells import ALPHA, METHOD
from bench.scoring import normalizer_version
from bench.suite import Suite

CLIP_COLUMNS = ["language", "condition", "utterance_id", "speaker_id", "reference", "audio_hash"]


def make_signature(suite: Suite, manifest: Mapping[str, Any], decodes: pd.DataFrame) -> str:
    """Everything that can move a printed number, and nothing that cannot: no time, path or commit."""
    settings = {arm_id: arm["settings"] for arm_id, arm in manifest["arms"].items()}
    clips = decodes[CLIP_COLUMNS].drop_duplicates().sort_values(CLIP_COLUMNS)
    statistics = suite.statistics
    parts = {
        "corpus": manifest["corpus"],
        "clips": _hash(clips.to_csv(index=False)),
        "condition": "+".join(condition.name for condition in suite.conditions),
        "resampler": "+".join(sorted({arm["resampler"] for arm in settings.values()})),
        "norm": normalizer_version(suite.scoring.normalizer),
        "cer-primary": "+".join(sorted(set(suite.scoring.cer_primary) & set(suite.languages))) or "none",
        "unit": statistics.unit,
        "ci": f"paired-bootstrap-t-symmetric-{METHOD},B={statistics.resamples},alpha={ALPHA:g},seed={suite.seed}",
        "correction": f"{statistics.correction}-over-{len(suite.languages)}-languages",
        "floor": f"wer>{statistics.floor.wer:g},cer>{statistics.floor.cer:g}",
        "models": ",".join(_model(suite, manifest)),
        "decode": _hash(json.dumps(settings, sort_keys=True)),
        "bench": __version__,
    }
    return "|".join(f"{key}:{value}" for key, value in parts.items())


def _model(suite: Suite, manifest: Mapping[str, Any]) -> list[str]:
    """Each arm with its fingerprint, and after < the control it is compared with."""
    models = []
    for arm in suite.arms:
        control = suite.control_of(arm)
        fingerprint = manifest["arms"][arm.id]["fingerprint"][:8]
        models.append(f"{arm.id}={fingerprint}" + (f"<{control.id}" if control else ""))
    return models


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
