"""A card's figures for machines: the hub's model-index, and its newer .eval_results."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.compare import SPEAKER, UTTERANCE, rows_of
from bench.errors import BenchError
from bench.frames import records
from bench.reporting.card.dataset import HUB_ID, Dataset, config_in, dataset_of, split_of
from bench.reporting.text.cells import clean_of
from bench.reporting.text.format import interval, signed
from bench.suite import ArmSpec

TASK = "automatic-speech-recognition"
Row = dict[str, Any]


def front_matter(found: SuiteRecords, arm: ArmSpec) -> str:
    """The YAML block at the top of a card, its figures as a model-index."""
    from huggingface_hub import EvalResult, ModelCardData

    dataset = dataset_of(found)
    data = ModelCardData(
        model_name=arm.model if is_on_hub(arm) else arm.id,
        eval_results=[EvalResult(**_result(found, row, dataset)) for row in _rows(found, arm)],
        language=list(found.suite.languages),
        library_name="transformers",
        pipeline_tag=TASK,
        metrics=["wer", "cer"],
        tags=list(_tags(found, arm)),
    )
    return f"---\n{data.to_yaml()}\n---\n"


def eval_results(found: SuiteRecords, arm: ArmSpec) -> str | None:
    """The text of .eval_results/NAME.yaml, an entry a language; None for a corpus that is no dataset of the hub.

    Raises BenchError where huggingface_hub is too old to know them.
    """
    dataset = dataset_of(found)
    if not dataset.on_hub:
        return None
    try:
        from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
    except ImportError:
        raise BenchError(
            ".eval_results: this huggingface_hub does not know them; run `bench card` where transformers 5 is"
        ) from None
    import yaml

    entries = [
        EvalResultEntry(
            dataset_id=dataset.name,
            task_id=f"{config_in(found, row['language'])}-{row['metric']}",
            value=_plain(row["rate"]),
            dataset_revision=dataset.commit,
            notes=_notes(found, row, dataset),
        )
        for row in _rows(found, arm)
        if row["primary"]
    ]
    return str(yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True))


def is_on_hub(arm: ArmSpec) -> bool:
    """Whether the figures are of a repository's model as it is there."""
    return HUB_ID.fullmatch(arm.model) is not None and arm.kv is None


def _rows(found: SuiteRecords, arm: ArmSpec) -> Iterator[Row]:
    """Both rates of every language on clean speech, where there is one: the hub reads no result without a value."""
    rows = records(clean_of(rows_of(found.tables.comparisons, arm)))
    yield from (row for row in rows if math.isfinite(row["rate"]))


def _result(found: SuiteRecords, row: Row, dataset: Dataset) -> Row:
    """One rate; its own metric's cost, interval and p beside it. What is None is left out by the hub's library."""
    return {
        "task_type": TASK,
        "task_name": "Automatic Speech Recognition",
        "dataset_type": dataset.name,
        "dataset_name": str(found.manifest["corpus"]),
        "dataset_config": config_in(found, row["language"]),
        "dataset_split": split_of(found),
        "dataset_revision": dataset.revision,
        "metric_type": row["metric"],
        "metric_name": f"{row['metric'].upper()}, {row['language']}",
        "metric_value": _plain(row["rate"]),
        "metric_args": {
            "language": row["language"],
            "primary": bool(row["primary"]),
            "normalizer": found.suite.scoring.normalizer,
            "clips": int(row["clips"]),
            "speakers": int(row["speakers"]) if row["unit"] in (SPEAKER, UTTERANCE) else None,
            "resampled": row["unit"],
            "control": row["control"],
            "control_value": _plain(row["control_rate"]),
            "cost": _plain(row["delta"]),
            "cost_interval_95": [_plain(row["low"]), _plain(row["high"])] if math.isfinite(row["low"]) else None,
            "p": _plain(row["p"]),
            "p_holm": _plain(row["p_adjusted"]),
            "floor": bool(row["floor"]),
        },
    }


def _tags(found: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Only what is known: whether a model that has files was converted, nothing here records."""
    yield from ("whisper", "whisper-mla-bench")
    if arm.built is not None:
        yield "multi-head-latent-attention"
    if found.suite.label == "demo":
        yield "demo"


def _notes(found: SuiteRecords, row: Row, dataset: Dataset) -> str:
    """One line for people."""
    floor = ", floor: the control itself is unusable" if row["floor"] else ""
    return (
        f"{dataset.revision}, {row['clips']:,} clips, normaliser {found.suite.scoring.normalizer}; cost against "
        f"{row['control']} {signed(row['delta'])} {interval(row['low'], row['high'])}, p {_told(row['p'])}, after "
        f"Holm {_told(row['p_adjusted'])}{floor}"
    )


def _told(p: float) -> str:
    return "n/a" if math.isnan(p) or math.isinf(p) else f"{_plain(p):g}"


def _plain(value: float) -> float | None:
    """As YAML holds it: four digits, one at least of what is smaller; none where there is no number."""
    return (round(float(value), 4) or float(f"{value:.1g}")) if math.isfinite(value) else None
