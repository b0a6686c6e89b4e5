"""A suite's decodes on disk to its counts and comparisons on disk."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import pandas as pd

from bench import __version__
from bench.compare.cells import ALPHA, METHOD, compare_cell
from bench.compare.counting import METRICS, count_decodes
from bench.compare.pairing import require_same_clips
from bench.compare.signature import make_signature
from bench.errors import BenchError
from bench.scoring import make_normalizer, normalizer_version
from bench.stats import holm
from bench.store import Store
from bench.suite import Suite

Cells = Mapping[tuple[str, str, str], pd.DataFrame]
"""(arm id, language, condition) to that cell's decodes or counts."""


def compare_suite(suite: Suite, store: Store) -> pd.DataFrame:
    """Recomputes counts.parquet and comparisons.parquet from the decodes; returns the comparisons.

    One row an arm, cell and metric. Raises BenchError when a cell is missing, when the suite has changed since it was
    decoded, or when two arms did not see the same clips.
    """
    manifest = _manifest_of(suite, store)
    decodes = {
        (arm.id, *cell.split("/")): store.read_decodes(parts)
        for arm in suite.arms
        for cell, parts in manifest["arms"][arm.id]["parts"].items()
    }
    _require_pairs(suite, decodes)
    normalizer = make_normalizer(suite.scoring.normalizer)
    counts = {key: count_decodes(rows, normalizer, suite.scoring.cer_primary) for key, rows in decodes.items()}
    comparisons = _compare_cells(suite, counts)
    comparisons["signature"] = make_signature(suite, manifest, pd.concat(decodes.values()))
    comparisons["inputs"] = _inputs(suite, manifest)
    store.write_table(store.counts_path, pd.concat(counts.values(), ignore_index=True))
    store.write_table(store.comparisons_path, comparisons)
    return comparisons


def read_comparisons(suite: Suite, store: Store) -> pd.DataFrame:
    """The stored comparisons. Raises BenchError when decodes or settings have changed since they were computed."""
    comparisons = store.read_table(store.comparisons_path)
    if comparisons["inputs"].iloc[0] != _inputs(suite, _manifest_of(suite, store)):
        raise BenchError(
            f"{store.comparisons_path} is older than the suite or its decodes; run `bench compare` on this suite"
        )
    return comparisons


def list_unreadable(store: Store) -> list[str]:
    """A line for every clip that was left out of the comparisons: cell, id and reason."""
    counts = store.read_table(store.counts_path)
    left_out = counts[counts["audio_status"] == "unreadable"].drop_duplicates(["language", "condition", "utterance_id"])
    columns = (left_out[name] for name in ("language", "condition", "utterance_id", "detail"))
    return [f"{language}/{condition} {name}: {why}" for language, condition, name, why in zip(*columns, strict=True)]


def _manifest_of(suite: Suite, store: Store) -> dict[str, Any]:
    manifest = store.read_manifest()
    if manifest["suite"] != suite.what_is_decoded():
        raise BenchError(
            f"suite {suite.name} has changed since {store.manifest_path} was written; run `bench run` again"
        )
    if missing := [arm.id for arm in suite.arms if arm.id not in manifest["arms"]]:
        raise BenchError(f"{store.folder}: arm {missing[0]} is not decoded yet; run `bench run` on this suite")
    return manifest


def _require_pairs(suite: Suite, decodes: Cells) -> None:
    """Every arm of a cell against the first, so that one clip list stands behind the whole table."""
    first = suite.arms[0].id
    for (arm_id, language, condition), rows in decodes.items():
        require_same_clips(decodes[first, language, condition], rows, (first, arm_id))


def _compare_cells(suite: Suite, counts: Cells) -> pd.DataFrame:
    """Rows of every cell, ordered by arm, condition, metric and language as the suite lists them."""
    rows = [
        row
        for condition in suite.conditions
        for language in suite.languages
        for row in compare_cell(suite, {arm.id: counts[arm.id, language, condition.name] for arm in suite.arms})
    ]
    families: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        families.setdefault((row["arm"], row["seed"], row["condition"], row["metric"]), []).append(row)
    ordered = [
        row
        for arm in suite.arms
        for condition in suite.conditions
        for metric in METRICS
        for row in _corrected(families[arm.name, arm.seed, condition.name, metric])
    ]
    return pd.DataFrame(ordered)


def _corrected(family: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Holm's correction over the languages of one arm, condition and metric: adds the adjusted p and the mark's flag.

    Floor rows stay in the family but are never marked. Rows of a control have nothing to correct.
    """
    if family[0]["control"] is None:
        return family
    adjusted = holm([row["p"] for row in family])
    return [
        row | {"p_adjusted": p, "significant": bool(p <= ALPHA) and not row["floor"]}
        for row, p in zip(family, adjusted, strict=True)
    ]


def _inputs(suite: Suite, manifest: Mapping[str, Any]) -> str:
    """A hash of everything the comparisons were computed from."""
    settings = suite.model_dump(mode="json", exclude={"corpus": {"path"}})
    code = [__version__, METHOD, normalizer_version(suite.scoring.normalizer)]
    text = json.dumps([manifest, settings, code], sort_keys=True)
    return blake2b(text.encode(), digest_size=12).hexdigest()
