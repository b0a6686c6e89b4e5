"""The one line that pins a number."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import pandas as pd

from bench import __version__
from bench.compare.cells import ALPHA
from bench.scoring.normalizers import normalizer_version
from bench.suite import Suite


def make_signature(suite: Suite, manifest: Mapping[str, Any], decodes: pd.DataFrame) -> str:
    """Everything that can move a printed number, and nothing that cannot: no time, path or commit."""
    arms = manifest["arms"]
    settings = {arm_id: arm["settings"] for arm_id, arm in arms.items()}
    clips = decodes[["language", "condition", "utterance_id", "reference", "audio_hash"]].drop_duplicates()
    statistics = suite.statistics
    parts = {
        "corpus": manifest["corpus"],
        "clips": _hash(clips.sort_values(list(clips.columns)).to_csv(index=False)),
        "condition": "+".join(condition.name for condition in suite.conditions),
        "resampler": next(iter(settings.values()))["resampler"],
        "norm": normalizer_version(suite.scoring.normalizer),
        "cer-primary": "+".join(sorted(set(suite.scoring.cer_primary) & set(suite.languages))) or "none",
        "unit": statistics.unit,
        "ci": f"paired-bootstrap-t-symmetric,B={statistics.resamples},alpha={ALPHA:g},seed={suite.seed}",
        "correction": f"{statistics.correction}-over-{len(suite.languages)}-languages",
        "floor": f"wer>{statistics.floor.wer:g},cer>{statistics.floor.cer:g}",
        "models": ",".join(f"{arm_id}={arm['fingerprint'][:8]}" for arm_id, arm in arms.items()),
        "decode": _hash(json.dumps(settings, sort_keys=True)),
        "bench": __version__,
    }
    return "|".join(f"{key}:{value}" for key, value in parts.items())


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
