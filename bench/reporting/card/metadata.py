"""A card's figures for machines: the hub's model-index, and its newer .eval_results."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import SPEAKER, UTTERANCE, Comparison
from bench.errors import BenchError
from bench.languages import code_of
from bench.reporting.card.dataset import HUB_ID, Dataset, dataset_of
from bench.reporting.text.format import estimated
from bench.stats import Interval
from bench.suite import TRANSFORMERS, ArmSpec

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK = "automatic-speech-recognition"
LIBRARIES = {TRANSFORMERS: "transformers", "faster-whisper": "ctranslate2"}
"""What loads an arm's model, as the hub names it, by runner; none for a program of the user's."""


def front_matter(records: SuiteRecords, arm: ArmSpec) -> str:
    """The YAML block at the top of a card, its figures as a model-index."""
    from huggingface_hub import ModelCardData

    dataset = dataset_of(records)
    data = ModelCardData(
        model_name=arm.model if is_on_hub(arm) else str(arm.id),
        eval_results=[_result(records, row, dataset) for row in _rows(records, arm)],
        language=list(dict.fromkeys(map(code_of, records.suite.languages))),
        library_name=LIBRARIES.get(arm.runner),
        pipeline_tag=TASK,
        metrics=["wer", "cer"],
        tags=list(_tags(records, arm)),
    )
    return f"---\n{data.to_yaml()}\n---\n"


def eval_results(records: SuiteRecords, arm: ArmSpec) -> str | None:
    """The text of .eval_results/NAME.yaml, an entry a language; None for a corpus that is no dataset of the hub.

    Raises BenchError where huggingface_hub is too old to know them.
    """
    dataset = dataset_of(records)
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
            task_id=f"{records.manifest.corpus.config(row.language)}-{row.metric}",
            value=_plain(row.rate.value),
            dataset_revision=dataset.commit,
            notes=_notes(records, row, dataset),
        )
        for row in _rows(records, arm)
        if row.primary
    ]
    return str(yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True))


def is_on_hub(arm: ArmSpec) -> bool:
    """Whether the figures are of a repository's model as it is there."""
    return HUB_ID.fullmatch(arm.model) is not None and arm.kv is None and arm.runner == TRANSFORMERS


def _rows(records: SuiteRecords, arm: ArmSpec) -> Iterator[Comparison]:
    """Both rates of every language on clean speech, where there is one: the hub reads no result without a value."""
    yield from (row for row in records.results.of(arm).clean if math.isfinite(row.rate.value))


def _result(records: SuiteRecords, row: Comparison, dataset: Dataset) -> EvalResult:
    """One rate; its own metric's cost, interval and p beside it. What is None is left out by the hub's library."""
    from huggingface_hub import EvalResult

    return EvalResult(
        task_type=TASK,
        task_name="Automatic Speech Recognition",
        dataset_type=dataset.name,
        dataset_name=records.manifest.corpus.name,
        dataset_config=records.manifest.corpus.config(row.language),
        dataset_split=records.manifest.corpus.split,
        dataset_revision=dataset.revision,
        metric_type=row.metric,
        metric_name=f"{row.metric.upper()}, {row.language}",
        metric_value=_plain(row.rate.value),
        metric_args=_beside(records, row),
    )


def _beside(records: SuiteRecords, row: Comparison) -> dict[str, object]:
    """What is known of a rate besides."""
    sample, delta = row.sample, row.delta
    return {
        "language": row.language,
        "primary": row.primary,
        "normalizer": records.suite.scoring.normalizer,
        "clips": sample.clips,
        "speakers": sample.speakers if sample.unit in (SPEAKER, UTTERANCE) else None,
        "resampled": sample.unit if sample.sentences is None else f"{sample.unit} crossed with sentence",
        "control": str(row.control),
        "control_value": _plain(row.control_result.rate),
        "cost": _plain(delta.value),
        "cost_interval_95": _ends(delta.interval),
        "cost_interval_95_simultaneous": _ends(row.verdict.interval),
        "p": _plain(row.tests.p),
        "p_holm": _plain(row.verdict.p_adjusted),
        "floor": row.floor,
    }


def _ends(interval: Interval) -> list[float | None] | None:
    return [_plain(interval.low), _plain(interval.high)] if interval.is_determined else None


def _tags(records: SuiteRecords, arm: ArmSpec) -> Iterator[str]:
    """Only what is known: whether a model that has files was converted, nothing here records."""
    yield from ("whisper-mla-bench",) if arm.runner == "command" else ("whisper", "whisper-mla-bench")
    if arm.origin is not None:
        yield "multi-head-latent-attention"
    if records.suite.label == "demo":
        yield "demo"


def _notes(records: SuiteRecords, row: Comparison, dataset: Dataset) -> str:
    """One line for people."""
    floor = ", floor: the control itself is unusable" if row.floor else ""
    return (
        f"{dataset.revision}, {row.sample.clips:,} clips, normaliser {records.suite.scoring.normalizer}; cost against "
        f"{row.control} {estimated(row.delta)}, p {_told(row.tests.p)}, after "
        f"Holm {_told(row.verdict.p_adjusted)}{floor}"
    )


def _told(p: float) -> str:
    return "n/a" if math.isnan(p) or math.isinf(p) else f"{_plain(p):g}"


def _plain(value: float) -> float | None:
    """As YAML holds it: four digits, one at least of what is smaller; none where there is no number."""
    return (round(float(value), 4) or float(f"{value:.1g}")) if math.isfinite(value) else None
