"""A card's figures for machines: the hub's model-index, and its newer .eval_results."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bench.compare import signature_part
from bench.corpora.hub.layouts import config_of, layout_of
from bench.errors import BenchError
from bench.frames import records
from bench.reporting.records import SuiteRecords
from bench.reporting.rows import clean_of, rows_of, signature_of
from bench.suite import ArmSpec

TASK = "automatic-speech-recognition"
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
COMMON_VOICE = re.compile(r"common-voice-(?P<release>(?P<major>\d+)\.(?P<minor>\d+)[^/]*)/")


def front_matter(found: SuiteRecords, arm: ArmSpec) -> str:
    """The YAML block at the top of a card, its figures as a model-index. Raises BenchError without huggingface_hub."""
    from huggingface_hub import EvalResult, ModelCardData

    results = [EvalResult(**_plain(row)) for row in _results(found, arm)]
    data = ModelCardData(
        model_name=_model_name(arm),
        eval_results=results,
        language=list(found.suite.languages),
        library_name="transformers",
        pipeline_tag=TASK,
        metrics=["wer", "cer"],
        tags=["whisper", "multi-head-latent-attention", "whisper-mla-bench"],
    )
    return f"---\n{data.to_yaml()}\n---\n"


def eval_results(found: SuiteRecords, arm: ArmSpec) -> str | None:
    """The text of .eval_results/NAME.yaml, an entry a language; None for a corpus that is no dataset of the hub.

    Raises BenchError where huggingface_hub is too old to know them.
    """
    repo, revision = dataset_of(found)
    if HUB_ID.fullmatch(repo) is None:
        return None
    try:
        from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
    except ImportError:
        raise BenchError(
            ".eval_results: this huggingface_hub does not know them; run `bench card` where transformers 5 is"
        ) from None
    import yaml

    commit = revision if re.fullmatch("[0-9a-f]{40}", revision) else None
    entries = [
        EvalResultEntry(
            dataset_id=repo,
            task_id=f"{row['dataset_config']}-{row['metric_type']}",
            value=row["metric_value"],
            dataset_revision=commit,
            notes=_notes(row["metric_args"], revision),
        )
        for row in map(_plain, _results(found, arm))
        if row["metric_args"]["primary"]
    ]
    return str(yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True))


def dataset_of(found: SuiteRecords) -> tuple[str, str]:
    """What the hub calls the corpus, else its own name; and its commit or release, else the hash of its clips."""
    name, commit = str(found.manifest["corpus"]), found.manifest.get("commit")
    clips = f"clips-{signature_part(signature_of(found.tables.comparisons), 'clips')}"
    if found.suite.corpus.repo is not None:
        return found.suite.corpus.repo, str(commit or clips)
    if release := COMMON_VOICE.match(name):
        return f"mozilla-foundation/common_voice_{release['major']}_{release['minor']}", release["release"]
    return name.partition("/")[0], clips


def _results(found: SuiteRecords, arm: ArmSpec) -> Iterator[dict[str, Any]]:
    """Both rates of every language on clean speech; its own metric's cost, interval and p beside it."""
    repo, revision = dataset_of(found)
    for row in records(clean_of(rows_of(found.tables.comparisons, arm))):
        yield {
            "task_type": TASK,
            "task_name": "Automatic Speech Recognition",
            "dataset_type": repo,
            "dataset_name": str(found.manifest["corpus"]),
            "dataset_config": _config(found, row["language"]),
            "dataset_split": found.suite.corpus.split,
            "dataset_revision": revision,
            "metric_type": row["metric"],
            "metric_name": f"{row['metric'].upper()}, {row['language']}",
            "metric_value": row["rate"],
            "metric_args": {
                "language": row["language"],
                "primary": bool(row["primary"]),
                "normalizer": found.suite.scoring.normalizer,
                "clips": int(row["clips"]),
                "speakers": int(row["speakers"]),
                "control": row["control"],
                "control_value": row["control_rate"],
                "cost": row["delta"],
                "cost_interval_95": [row["low"], row["high"]],
                "p": row["p"],
                "p_holm": row["p_adjusted"],
                "floor": bool(row["floor"]),
            },
        }


def _config(found: SuiteRecords, language: str) -> str:
    corpus = found.suite.corpus
    return language if corpus.repo is None else config_of(corpus, layout_of(corpus), language) or "default"


def _model_name(arm: ArmSpec) -> str:
    """As on the hub, where it is from there."""
    return arm.model if HUB_ID.fullmatch(arm.model) else arm.id


def _notes(told: Mapping[str, Any], revision: str) -> str:
    low, high = told["cost_interval_95"]
    return (
        f"{revision}, {told['clips']} clips, normaliser {told['normalizer']}; cost against {told['control']} "
        f"{told['cost']} [{low}, {high}], p {told['p']}, after Holm {told['p_holm']}"
    )


def _plain(value: Any) -> Any:
    """Numbers as YAML holds them: four digits, and none where there is no number."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
