"""An arm's results by the Every Eval Ever schema, version 0.3.0, with their uncertainties.

https://github.com/evaleval/every_eval_ever: one document a model, an entry a number. Rates are in per cent, costs in
percentage points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.comparing import Comparison, Measurement
from bench.reporting.card.dataset import dataset_of
from bench.reporting.card.origin import is_on_hub
from bench.stats import Estimate
from bench.suite import CLEAN, ArmSpec
from bench.version import __version__

SCHEMA_VERSION = "0.3.0"
LIBRARY = "whisper-mla-bench"
CONFIDENCE = 0.95


def every_eval_ever(records: SuiteRecords, arm: ArmSpec, seconds: int) -> dict[str, Any]:
    """The document of an arm; `seconds`: the time that it is made, of the Unix epoch.

    Its rates in every language and condition by both metrics, and, of a converted arm, what it costs against its
    control. A rate or an interval that is not known is left out.
    """
    model = arm.model if is_on_hub(arm) else f"{records.suite.name}/{arm.id}"
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{records.suite.name}/{model.replace('/', '_')}/{seconds}",
        "retrieved_timestamp": str(seconds),
        "source_metadata": {
            "source_name": LIBRARY,
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
            "additional_details": {"suite": records.suite.name, "signature": records.results.signature},
        },
        "eval_library": {"name": LIBRARY, "version": __version__},
        "model_info": _model(records, arm, model),
        "evaluation_results": list(_entries(records, arm)),
    }


def _model(records: SuiteRecords, arm: ArmSpec, model: str) -> dict[str, Any]:
    recorded = records.manifest.arms[arm.id]
    settings = recorded.settings
    versions = {"transformers": settings.transformers, "faster-whisper": settings.faster_whisper}
    known = {
        "fingerprint": recorded.fingerprint,
        "parameters": recorded.parameters,
        "revision": recorded.commit or recorded.revision,
        "dtype": settings.dtype or settings.compute_type,
        "cache": settings.kv,
        "device": settings.gpu or settings.device,
    }
    return {
        "name": str(arm.id),
        "id": model,
        "inference_engine": {"name": arm.runner, "version": versions.get(arm.runner) or "unknown"},
        "additional_details": {
            "deployment_type": "self_deployed",
            "model_availability": "open_weights" if is_on_hub(arm) else "unknown",
        }
        | {key: str(value) for key, value in known.items() if value is not None},
    }


def _entries(records: SuiteRecords, arm: ArmSpec) -> Iterator[dict[str, Any]]:
    rows = records.results.of(arm).cells if arm.control is not None else records.results.rates_of(arm)
    for row in rows:
        if math.isfinite(row.rate.value):
            yield _entry(records, row, "rate", row.rate, {})
        if isinstance(row, Comparison) and math.isfinite(row.delta.value):
            yield _entry(records, row, "cost", row.delta, _beside(row))


def _entry(
    records: SuiteRecords, row: Measurement, what: str, estimate: Estimate, beside: dict[str, str]
) -> dict[str, Any]:
    """One number; `what`: rate, or the cost against the control."""
    is_cost, metric = what == "cost", row.metric.upper()
    where = "" if row.condition == CLEAN else f", {row.condition}"
    return {
        "evaluation_result_id": f"{row.arm}/{row.language}/{row.condition}/{row.metric}/{what}",
        "evaluation_name": f"{records.manifest.corpus.name}, {row.language}{where}",
        "source_data": _source(records, row),
        "metric_config": {
            "evaluation_description": (
                f"{metric} of this model minus {metric} of its control on the same clips" if is_cost else metric
            ),
            "metric_id": f"{row.metric}_cost" if is_cost else row.metric,
            "metric_name": f"{metric} cost" if is_cost else metric,
            "metric_kind": f"{row.metric}_difference" if is_cost else row.metric,
            "metric_unit": "points" if is_cost else "percent",
            "metric_parameters": {
                "normalizer": records.suite.scoring.normalizer,
                "language": row.language,
                "condition": row.condition,
                "primary": row.primary,
            },
            "lower_is_better": True,
            "score_type": "continuous",
            "min_score": "-Infinity" if is_cost else 0,
            "max_score": "Infinity",
        },
        "score_details": {"score": estimate.value, "details": beside, "uncertainty": _uncertainty(row, estimate)},
        "generation_config": {"generation_args": _generation(records, row)},
    }


def _source(records: SuiteRecords, row: Measurement) -> dict[str, Any]:
    dataset, corpus = dataset_of(records), records.manifest.corpus
    if not dataset.on_hub:
        return {"dataset_name": dataset.name, "source_type": "other", "additional_details": {"clips": dataset.revision}}
    found = {"dataset_name": dataset.name, "source_type": "hf_dataset", "hf_repo": dataset.name}
    found |= {"hf_split": corpus.split} if corpus.split else {}
    details = {"revision": dataset.revision, "config": corpus.config(row.language)}
    return found | {"samples_number": row.sample.clips, "additional_details": details}


def _uncertainty(row: Measurement, estimate: Estimate) -> dict[str, Any]:
    """Standard error and interval, where they are determined."""
    unit = row.sample.unit if row.sample.sentences is None else f"{row.sample.unit} crossed with sentence"
    found: dict[str, Any] = {"num_samples": row.sample.clips}
    if math.isfinite(estimate.standard_error):
        method = f"linearised ratio, clustered by {unit}"
        found["standard_error"] = {"value": estimate.standard_error, "method": method}
    if estimate.is_determined:
        found["confidence_interval"] = {
            "lower": estimate.low,
            "upper": estimate.high,
            "confidence_level": CONFIDENCE,
            "method": f"symmetric studentised bootstrap over {unit}",
        }
    if isinstance(row, Comparison):
        found["num_bootstrap_samples"] = row.tests.resamples
    return found


def _generation(records: SuiteRecords, row: Measurement) -> dict[str, Any]:
    settings = records.manifest.arms[row.arm].settings
    known = {"temperature": settings.temperature, "max_tokens": settings.max_new_tokens}
    return {key: value for key, value in known.items() if value is not None}


def _beside(row: Comparison) -> dict[str, str]:
    """What the schema has no place for, as texts; intervals are of each language alone, the mark is after Holm."""
    return {
        "control": str(row.control),
        "control_rate": f"{row.control_result.rate:.4f}",
        "p": f"{row.tests.p:.4g}",
        "p_holm": f"{row.verdict.p_adjusted:.4g}",
        "significant": str(row.verdict.significant).lower(),
        "verdict": "identical" if row.is_identical and not row.floor else row.verdict.direction,
        "capped_cost": f"{row.capped.value:.4f}",
    }
