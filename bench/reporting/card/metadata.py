"""A card's metadata: what the hub shows and searches by, and its figures for machines, as a model-index."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import SPEAKER, UTTERANCE, Comparison
from bench.languages import code_of
from bench.reporting.card.dataset import Dataset, dataset_of
from bench.reporting.card.origin import origin_of
from bench.reporting.card.words import CardWords
from bench.stats import Interval
from bench.suite import TRANSFORMERS, ArmSpec
from bench.visible import visible

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK = "automatic-speech-recognition"
TOOL, LATENT = "whisper-mla-bench", "multi-head-latent-attention"
"""Tags."""
LIBRARIES = {TRANSFORMERS: "transformers", "faster-whisper": "ctranslate2"}
"""What loads an arm's model, as the hub names it, by runner; none for a program of the user's."""


def front_matter(records: SuiteRecords, arm: ArmSpec, words: CardWords) -> str:
    """The YAML block at the top of a card, its figures as a model-index."""
    from huggingface_hub import ModelCardData

    dataset = dataset_of(records)
    data = ModelCardData(
        base_model=words.base_model,
        license=words.licence,
        model_name=words.title,
        eval_results=[_result(records, row, dataset) for row in _rows(records, arm)],
        language=list(dict.fromkeys(map(code_of, records.suite.languages))),
        library_name=LIBRARIES.get(arm.runner),
        pipeline_tag=TASK,
        metrics=["wer", "cer"],
        tags=list(_tags(records, arm)),
    )
    return f"---\n{data.to_yaml()}\n---\n"


def plain_front_matter(words: CardWords) -> str:
    """That of a converted model of which nothing is measured."""
    from huggingface_hub import ModelCardData

    data = ModelCardData(
        base_model=words.base_model,
        license=words.licence,
        library_name=LIBRARIES[TRANSFORMERS],
        pipeline_tag=TASK,
        tags=["whisper", TOOL, LATENT],
    )
    return f"---\n{data.to_yaml()}\n---\n"


def _rows(records: SuiteRecords, arm: ArmSpec) -> Iterator[Comparison]:
    """Both rates of every language on clean speech, where there is one: the hub reads no result without a value."""
    yield from (row for row in records.results.of(arm).clean if math.isfinite(row.rate.value))


def _result(records: SuiteRecords, row: Comparison, dataset: Dataset) -> EvalResult:
    """One rate; its own metric's cost, interval and p beside it. What is None is left out by the hub's library.

    Controls in names are written out: YAML makes a space of a next line.
    """
    from huggingface_hub import EvalResult

    return EvalResult(
        task_type=TASK,
        task_name="Automatic Speech Recognition",
        dataset_type=visible(dataset.name),
        dataset_name=visible(records.manifest.corpus.name),
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
        "resampled": visible(sample.unit) + ("" if sample.sentences is None else " crossed with sentence"),
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
    """Only what is known."""
    yield from (TOOL,) if arm.runner == "command" else ("whisper", TOOL)
    if origin_of(records, arm) is not None:
        yield LATENT
    if records.suite.label == "demo":
        yield "demo"


def _plain(value: float) -> float | None:
    """As YAML holds it: four digits, one at least of what is smaller; none where there is no number."""
    return (round(float(value), 4) or float(f"{value:.1g}")) if math.isfinite(value) else None
