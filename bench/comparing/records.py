"""A suite's decodes on disk to its counts and tables on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import pandas as pd
import pyarrow as pa
from packaging.specifiers import SpecifierSet

from bench.comparing.cells import Cell
from bench.comparing.comparison import Comparison
from bench.comparing.counting import count_decodes
from bench.comparing.describing import describe_decodes
from bench.comparing.environments import environment_note
from bench.comparing.making_cells import make_cell
from bench.comparing.pairing import require_same_clips
from bench.comparing.pipeline import make_results
from bench.comparing.protocol import METHOD, Protocol
from bench.comparing.results import Results
from bench.comparing.schema import SCHEMAS, results_of, tables_of
from bench.comparing.signature import CLIP_COLUMNS, make_signature
from bench.comparing.suite_changes import first_change
from bench.errors import BenchError
from bench.io.places import require_room
from bench.manifest import Manifest
from bench.scoring import make_scorer, normalizer_version
from bench.store import Store
from bench.suite import CLEAN, Suite, without_place
from bench.utterance_records import read_utterances, require_recorded
from bench.version import __version__

PerCell = Mapping[tuple[str, str, str], pd.DataFrame]
"""(arm id, language, condition) to that cell's decodes or counts."""


@dataclass(frozen=True, eq=False)
class Counted:
    """The counts of every cell, the same under the second normaliser if there is one, and each cell's clips by
    "language/condition".
    """

    counts: PerCell
    second: PerCell
    clips: Mapping[str, pd.DataFrame]


def compare_suite(suite: Suite, store: Store) -> Results:
    """Recomputes the counts and all results from the decodes, and writes them.

    Raises BenchError when a cell is missing, when the suite has changed since it was decoded, or when two arms did not
    see the same clips.
    """
    if store.manifest_path.exists():
        require_room(store.folder)
    counts, results, tables = recompute(suite, store)
    store.write_table(store.counts_path, counts)
    for name, table in tables.items():
        store.write_arrow(store.table_path(name), table)
    store.write_sums([store.counts_path, *map(store.table_path, tables)])
    return results


def recompute(suite: Suite, store: Store) -> tuple[pd.DataFrame, Results, dict[str, pa.Table]]:
    """The counts, all results and the tables that hold them, from the decodes alone."""
    manifest = manifest_of(suite, store)
    counted = count_suite(suite, store, manifest)
    results = results_from(suite, manifest, counted)
    tables = tables_of(results, _inputs(suite, manifest))
    return pd.concat(counted.counts.values(), ignore_index=True), results, tables


def results_from(suite: Suite, manifest: Manifest, counted: Counted) -> Results:
    """All results of what was counted, with what pins them."""
    protocol = Protocol.of(suite, manifest.corpus.clusters)
    results = make_results(protocol, _cells(suite, protocol, counted), manifest.parameters)
    signature = make_signature(suite, manifest, list(counted.clips.values()), results.measurements)
    notes = _environments(suite, manifest)
    measurements = tuple(
        replace(row, environments=notes[row.arm]) if isinstance(row, Comparison) else row
        for row in results.measurements
    )
    return replace(results, signature=signature.line, clips=signature.clips, measurements=measurements)


def _environments(suite: Suite, manifest: Manifest) -> dict[str, str]:
    """Notes, by arm id, in what its environment differs from its control's."""
    notes: dict[str, str] = {}
    for arm in suite.arms:
        control = suite.control_of(arm) or arm
        notes[arm.id] = environment_note(*(manifest.arms[name].settings for name in (arm.id, control.id)))
    return notes


def read_results(suite: Suite, store: Store) -> Results:
    """The stored results. Raises BenchError when decodes or settings have changed since, or a table has."""
    manifest = manifest_of(suite, store)
    inputs = _inputs(suite, manifest).encode()
    require_recorded(store.folder, manifest.utterances)
    tables = {}
    for schema in SCHEMAS.values():
        path = store.table_path(schema.name)
        tables[schema.name] = store.read_arrow(path)
        if (tables[schema.name].schema.metadata or {}).get(b"inputs") != inputs:
            raise BenchError(f"{path} is older than the suite or its decodes; run `bench compare` on this suite")
    store.require_sums()
    try:
        return results_of(tables)
    except (ValueError, KeyError) as error:
        raise BenchError(f"{store.folder} is damaged ({error}); run `bench compare` on this suite") from None


def list_unreadable(store: Store) -> list[str]:
    """A line for every clip that was left out of the comparisons: cell, id and reason."""
    cell = ["language", "condition", "utterance_id"]
    counts = store.read_table(store.counts_path, [*cell, "detail", "audio_status"])
    left_out = counts[counts["audio_status"] == "unreadable"].drop_duplicates(cell)
    columns = (left_out[name] for name in (*cell, "detail"))
    return [f"{language}/{condition} {name}: {why}" for language, condition, name, why in zip(*columns, strict=True)]


def manifest_of(suite: Suite, store: Store) -> Manifest:
    """What was decoded. Raises BenchError if that is another suite than this, or not all of it."""
    manifest = store.read_manifest()
    if manifest.suite != suite.what_is_decoded():
        what = first_change(manifest.suite, suite.what_is_decoded())
        raise BenchError(
            f"suite {suite.name} has changed since {store.manifest_path} was written: {what}; set that back (where the "
            "suite names a variable, export it), or run `bench run` again"
        )
    for arm in suite.arms:
        decoded = manifest.arms.get(arm.id)
        if arm.transformers and decoded and (decoded.settings.transformers or "") not in SpecifierSet(arm.transformers):
            raise BenchError(
                f"{store.folder}: arm {arm.id} was decoded with transformers {decoded.settings.transformers} and is "
                f"to be with {arm.transformers}; run `bench run` where that is"
            )
    if missing := [arm.id for arm in suite.arms if arm.id not in manifest.arms]:
        raise BenchError(f"{store.folder}: arm {missing[0]} is not decoded yet; run `bench run` on this suite")
    return manifest


def count_suite(suite: Suite, store: Store, manifest: Manifest) -> Counted:
    """Every cell that the manifest lists of the suite's arms.

    Every arm is held against the first, so that one clip list stands behind the whole table. Raises BenchError where
    two arms did not see the same clips, and for a part that is not what was recorded.
    """
    counts: dict[tuple[str, str, str], pd.DataFrame] = {}
    second: dict[tuple[str, str, str], pd.DataFrame] = {}
    clips: dict[str, pd.DataFrame] = {}
    utterances = read_utterances(store.folder, manifest.utterances)
    for arm in suite.arms:
        for cell in manifest.arms[arm.id].parts:
            language, condition = cell.split("/")
            key = (arm.id, language, condition)
            decodes = describe_decodes(store.read_cell(manifest.arms[arm.id], cell), utterances, arm.id)
            seen, counts[key], of_second = _count_cell(suite, decodes)
            require_same_clips(clips.setdefault(cell, seen), seen, (suite.arms[0].id, arm.id))
            if of_second is not None:
                second[key] = of_second
    return Counted(counts, second, clips)


def _count_cell(suite: Suite, decodes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None]:
    """One arm's clips and counts of one cell."""
    names = [name for name in (suite.scoring.normalizer, suite.scoring.sensitivity) if name]
    first, *second = (count_decodes(decodes, make_scorer(name), suite.scoring.cer_primary) for name in names)
    return decodes[CLIP_COLUMNS], first, second[0] if second else None


def _cells(suite: Suite, protocol: Protocol, counted: Counted) -> Iterator[list[Cell]]:
    """All cells of each language, the clean one first."""
    for language in suite.languages:
        cells: list[Cell] = []
        clean: Cell | None = None
        for condition in sorted(suite.conditions, key=lambda condition: condition.name != CLEAN):
            keys = {arm.id: (arm.id, language, condition.name) for arm in suite.arms}
            sensitivity = {arm_id: counted.second[key] for arm_id, key in keys.items()} if counted.second else None
            of_arms = {arm_id: counted.counts[key] for arm_id, key in keys.items()}
            cells.append(make_cell(protocol, of_arms, sensitivity, clean))
            clean = clean or cells[0]
        yield cells


def _inputs(suite: Suite, manifest: Manifest) -> str:
    """A hash of everything the tables were computed from."""
    lies: dict[str, Any] = {"corpus": {"path"}, "condition_specs": {"__all__": {"path"}}}
    lies["arms"] = {"__all__": {"folder", "time_limit", "calibration"}}
    settings = suite.model_dump(mode="json", exclude={"memory": True, **lies})
    for arm in settings["arms"]:
        arm["model"] = without_place(arm["model"])
    names = [name for name in (suite.scoring.normalizer, suite.scoring.sensitivity) if name]
    code = [__version__, METHOD, *map(normalizer_version, names)]
    text = json.dumps([manifest.model_dump(mode="json"), settings, code], sort_keys=True)
    return blake2b(text.encode(), digest_size=12).hexdigest()
