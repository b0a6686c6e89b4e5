"""Records of a suite as a run would have left them, from decodes that are made up: what cards are rendered from."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis.suite_records import SuiteRecords, read_suite_records
from bench.comparing import compare_suite
from bench.store import Store
from bench.suite import CLEAN, ArmSpec, Suite
from tests.manifests import make_arm, make_manifest, write_clips_of, write_decodes
from tests.test_compare import make_decodes

CONTROL, CONVERTED = {"name": "control", "model": "m/a"}, {"name": "mla", "model": "m/b", "control": "control"}
Change = Callable[[pd.DataFrame], object]


def make_suite(arms: Iterable[Mapping[str, Any]] = (CONTROL, CONVERTED), **changes: Any) -> Suite:
    """English and Thai, of a manifest; as few resamples as there may be."""
    whole = {"name": "made", "languages": ["en", "th"], "corpus": {"kind": "manifest", "path": "clips.tsv"}}
    return Suite.model_validate(whole | {"arms": list(arms), "statistics": {"resamples": 100}} | changes)


def make_records(
    suite: Suite,
    folder: Path,
    change: Change | None = None,
    rates: Mapping[str, float] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **manifest: Any,
) -> SuiteRecords:
    """Decoded (one error in ten words by a control, three by the others, or as `rates` says), compared, read again.

    `change` may mend every cell's decodes, `settings` those of an arm; `manifest` is what the run recorded besides.
    """
    store, arms, decodes = Store(folder / suite.name), {}, []
    for arm in suite.arms:
        rate = (rates or {}).get(arm.id, 0.3 if arm.control else 0.1)
        parts = {}
        for language in suite.languages:
            for condition in suite.conditions:
                key = f"{arm.id}-{language}-{condition.name}"
                decodes.append(_decodes(arm, language, condition.name, rate, change))
                write_decodes(store, key, decodes[-1])
                parts[f"{language}/{condition.name}"] = (key,)
        about = {"fingerprint": f"{arm.id:f<16}", "parameters": 1000 * len(arm.name)}
        arms[arm.id] = make_arm(store, parts, settings=(settings or {}).get(arm.id, {}), **about)
    recorded = {"utterances": write_clips_of(store, decodes)}
    store.write_manifest(make_manifest(suite, arms, **recorded | manifest))
    compare_suite(suite, store)
    return read_suite_records(suite, store)


def _decodes(arm: ArmSpec, language: str, condition: str, rate: float, change: Change | None) -> pd.DataFrame:
    rows = make_decodes(arm.id, language, rate if condition == CLEAN else 2 * rate, clips=24)
    rows = rows.assign(arm=arm.name, seed=arm.seed, condition=condition, speech_db=-20.0, background_db=-60.0)
    if change is not None:
        change(rows)
    return rows
