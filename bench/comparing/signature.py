"""The one line that pins a number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import pandas as pd

from bench.comparing.comparison import Measurement
from bench.comparing.environments import describe_environments
from bench.comparing.protocol import METHOD, MOST_RESAMPLES, Protocol
from bench.manifest import Manifest
from bench.scoring import normalizer_version
from bench.stats import ALPHA
from bench.suite import Suite
from bench.version import __version__

CLIP_COLUMNS = ["language", "condition", "utterance_id", "speaker_id", "reference", "audio_hash"]


@dataclass(frozen=True)
class Signature:
    """The line, and the hash of the clips in it."""

    line: str
    clips: str


def make_signature(
    suite: Suite, manifest: Manifest, clips: Sequence[pd.DataFrame], measurements: Sequence[Measurement]
) -> Signature:
    """Everything that can move a printed number, and nothing that cannot: no time, path or commit."""
    hashed = hash_clips(clips)
    settings = {arm_id: arm.settings.model_dump() for arm_id, arm in manifest.arms.items()}
    parts = {
        "corpus": manifest.corpus.name,
        "clips": hashed,
        "condition": _conditions(suite, manifest),
        "resampler": "+".join(sorted({arm.settings.resampler for arm in manifest.arms.values()})),
        **describe_protocol(Protocol.of(suite), suite.languages, measurements),
        "models": ",".join(_model(suite, manifest)),
        "decode": _hash(json.dumps(settings, sort_keys=True)),
        "environments": describe_environments(manifest),
        "bench": __version__,
    }
    return Signature(join({key: value for key, value in parts.items() if value is not None}), hashed)


def _conditions(suite: Suite, manifest: Manifest) -> str:
    """What was done to the audio, and a hash of what it was done with."""
    described = "+".join(spec.describe() for spec in suite.condition_specs)
    materials = [json.dumps(arm.material, sort_keys=True) for arm in manifest.arms.values()]
    made = any(material for arm in manifest.arms.values() for material in arm.material.values())
    return f"{described}#{_hash('+'.join(dict.fromkeys(materials)))}" if made else described


def join(parts: Mapping[str, str]) -> str:
    return "|".join(f"{key}:{value.replace('|', '/')}" for key, value in parts.items())


def hash_clips(clips: Sequence[pd.DataFrame]) -> str:
    """Hashes cells, utterances, speakers, references and audio, in whatever order they come."""
    everything = pd.concat([cell[CLIP_COLUMNS] for cell in clips]).sort_values(CLIP_COLUMNS)
    return _hash(everything.to_csv(index=False))


def describe_protocol(
    protocol: Protocol, languages: tuple[str, ...], measurements: Sequence[Measurement]
) -> dict[str, str]:
    """How decodes became numbers."""
    scoring, statistics = protocol.scoring, protocol.statistics
    sensitivity = normalizer_version(scoring.sensitivity) if scoring.sensitivity else "none"
    return {
        "norm": normalizer_version(scoring.normalizer),
        "sensitivity": sensitivity,
        "cer-primary": "+".join(sorted(set(scoring.cer_primary) & set(languages))) or "none",
        "unit": _unit(measurements),
        "ci": f"paired-bootstrap-t-symmetric-{METHOD},B={_resamples(protocol)},alpha={ALPHA:g},seed={protocol.seed}",
        "correction": f"{statistics.correction}-over-{len(languages)}-languages" + _grid(protocol),
        "margin": "none" if statistics.margin is None else f"{statistics.margin:g}",
        "floor": f"wer>{statistics.floor.wer:g},cer>{statistics.floor.cer:g}",
    }


def _resamples(protocol: Protocol) -> str:
    return f"{protocol.resamples}" + ("" if protocol.statistics.resamples else f"-to-{MOST_RESAMPLES}")


def _grid(protocol: Protocol) -> str:
    """What is said of other cells than clean ones."""
    return "" if len(protocol.conditions) == 1 else ",elsewhere-bh-over-an-arm's-cells"


def _unit(measurements: Sequence[Measurement]) -> str:
    """The unit, and the sentence where both are clustered; or each with its languages where they differ."""
    units: dict[str, list[str]] = {}
    for row in measurements:
        unit = row.sample.unit if row.sample.sentences is None else f"{row.sample.unit}-and-sentence"
        languages = units.setdefault(unit, [])
        if row.language not in languages:
            languages.append(row.language)
    if len(units) == 1:
        return next(iter(units))
    return ",".join(f"{unit}({'+'.join(languages)})" for unit, languages in sorted(units.items()))


def _model(suite: Suite, manifest: Manifest) -> list[str]:
    """Each arm with its fingerprint, and after < the control it is compared with."""
    models = []
    for arm in suite.arms:
        control = suite.control_of(arm)
        fingerprint = manifest.arms[arm.id].fingerprint[:8]
        models.append(f"{arm.id}={fingerprint}" + (f"<{control.id}" if control else ""))
    return models


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()
