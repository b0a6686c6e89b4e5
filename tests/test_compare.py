"""Comparisons: recomputed by hand from the decodes, paired or refused, and stale ones named."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.analysis.cautions import list_cautions
from bench.comparing import compare_suite, read_results
from bench.decode_parts import DECODE_SCHEMA
from bench.errors import BenchError
from bench.reporting.tables.costs import render_table
from bench.store import Store
from bench.suite import Suite, load_suite
from tests.flat import Frames
from tests.manifests import make_arm, make_manifest, write_clips_of, write_decodes
from tests.test_counts import edit_distance

SUITE = """
name = "s"
languages = ["en", "th"]
arms = [{ name = "control", model = "m/a" }, { name = "converted", model = "m/b", control = "control" }]
[corpus]
kind = "manifest"
path = "clips.tsv"
"""
VOCABULARY = ["one", "two", "three", "four"]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    (tmp_path / "s.toml").write_text(SUITE, encoding="utf-8")
    return load_suite(str(tmp_path / "s.toml"))


def make_decodes(arm: str, language: str, error_rate: float, clips: int = 60) -> pd.DataFrame:
    """Random references; the arm replaces, drops or doubles words at random. Both arms share references."""
    words, errors = np.random.default_rng(len(language)), np.random.default_rng([len(arm), len(language)])
    rows: list[dict[str, Any]] = []
    for i in range(clips):
        reference = [str(word) for word in words.choice(VOCABULARY, size=words.integers(2, 7))]
        hypothesis: list[str] = []
        for word in reference:
            if errors.random() < error_rate:
                hypothesis += [[], ["five"], [word, word]][errors.integers(3)]
            else:
                hypothesis.append(word)
        rows.append(
            dict.fromkeys(DECODE_SCHEMA.names)
            | {"arm": arm, "language": language, "condition": "clean", "utterance_id": f"u{i}"}
            | {"gender": "", "age": "", "accent": "", "sentence_id": ""}
            | {"speaker_id": f"s{i % 12}", "reference": " ".join(reference), "hypothesis": " ".join(hypothesis)}
            | {
                "tokens": 1,
                "finish": "eos",
                "audio_seconds": 1.0,
                "audio_status": "ok",
                "audio_hash": "h",
                "detail": "",
            }
        )
    return pd.DataFrame(rows)


def fill(store: Store, suite: Suite, decodes: dict[tuple[str, str], pd.DataFrame]) -> None:
    """Stores hand-made decodes as a run would have."""
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    for (arm, language), rows in decodes.items():
        write_decodes(store, f"{arm}-{language}", rows)
        parts.setdefault(arm, {})[f"{language}/clean"] = (f"{arm}-{language}",)
    arms = {arm: make_arm(store, cells) for arm, cells in parts.items()}
    store.write_manifest(make_manifest(suite, arms, utterances=write_clips_of(store, decodes.values())))


@pytest.fixture
def decodes() -> dict[tuple[str, str], pd.DataFrame]:
    rates = {"control": 0.1, "converted": 0.3}
    return {
        (arm, language): make_decodes(arm, language, rate) for arm, rate in rates.items() for language in ("en", "th")
    }


def test_rates_and_delta_by_hand(suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    table = Frames.of(compare_suite(suite, store)).comparisons.set_index(["arm", "language", "metric"])
    errors = {
        arm: sum(
            edit_distance(r.split(), h.split())
            for r, h in zip(decodes[arm, "en"]["reference"], decodes[arm, "en"]["hypothesis"], strict=True)
        )
        for arm in ("control", "converted")
    }
    words = decodes["control", "en"]["reference"].str.split().str.len().sum()
    row = table.loc["converted", "en", "wer"]
    assert row["rate"] == pytest.approx(100 * errors["converted"] / words)
    assert row["control_rate"] == pytest.approx(100 * errors["control"] / words)
    assert row["delta"] == pytest.approx(row["rate"] - row["control_rate"])
    assert row["low"] < row["delta"] < row["high"]
    assert row["significant"]
    assert row["speakers"] == 12
    assert table.loc["converted", "th", "cer"]["primary"]
    assert not table.loc["converted", "th", "wer"]["primary"]
    assert row["p_adjusted"] >= row["p"]


def test_two_computations_are_identical(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    compare_suite(suite, store)
    first = store.table_path("comparisons").read_bytes()
    compare_suite(suite, store)
    assert store.table_path("comparisons").read_bytes() == first


def test_unpaired_decodes_are_refused(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    converted = decodes["converted", "en"]
    fill(store, suite, decodes | {("converted", "en"): converted.iloc[7:]})
    with pytest.raises(BenchError, match=r"converted and .* not of the same clips \(u0, u1, u2, u3, u4 and 2 more\)"):
        compare_suite(suite, store)
    fill(store, suite, decodes)
    clips = write_clips_of(store, [rows.iloc[1:] for rows in decodes.values()])
    store.write_manifest(store.read_manifest().model_copy(update={"utterances": clips}))
    with pytest.raises(BenchError, match=r"en/clean: control and .* are not of the same clips \(u0\); run `bench run`"):
        compare_suite(suite, store)
    changed = converted.copy()
    changed.loc[3, "audio_hash"] = "something else"
    fill(store, suite, decodes | {("converted", "en"): changed})
    with pytest.raises(BenchError, match="en/clean: reference, speaker or audio of u3 differ"):
        compare_suite(suite, store)


def test_utterances_that_nobody_recorded_are_refused(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    compare_suite(suite, store)
    write_clips_of(store, [rows.assign(gender="x") for rows in decodes.values()])
    for read in (compare_suite, read_results):
        with pytest.raises(
            BenchError, match=r"utterances\.parquet: not what was recorded with the decodes; run `bench"
        ):
            read(suite, store)
    (store.folder / "utterances.parquet").unlink()
    for read in (compare_suite, read_results):
        with pytest.raises(BenchError, match=r"utterances\.parquet: not there; run `bench run` on this suite"):
            read(suite, store)


def test_an_unreadable_clip_leaves_both_arms(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    for rows in decodes.values():
        rows.loc[5, ["audio_status", "hypothesis"]] = ["unreadable", ""]
    fill(store, suite, decodes)
    results = compare_suite(suite, store)
    assert {row.sample.clips for row in results.measurements} == {59}
    assert {row.sample.unreadable for row in results.measurements} == {1}
    text = render_table(suite, results)
    assert "59 (+1 unreadable)" in text


def test_a_language_without_a_readable_clip_is_an_error(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    for (_, language), rows in decodes.items():
        if language == "th":
            rows[["audio_status", "hypothesis"]] = ["unreadable", ""]
    fill(store, suite, decodes)
    with pytest.raises(BenchError, match="th/clean: none of 60 clips can be decoded"):
        compare_suite(suite, store)


def test_truncated_clips_are_counted(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    for rows in decodes.values():
        rows.loc[:1, "audio_status"] = "truncated"
    fill(store, suite, decodes)
    assert "| 60 (2 truncated)" in render_table(suite, compare_suite(suite, store))


def test_the_signature_pins_speakers_and_models(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    first = compare_suite(suite, store).signature
    assert "|models:control=ffffffff,converted=ffffffff<control|" in first
    for rows in decodes.values():
        rows.loc[0, "speaker_id"] = "s1"
    fill(store, suite, decodes)
    assert compare_suite(suite, store).signature != first


def test_floors_get_no_mark_and_medians_name_their_rows(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    low = {"floor": suite.statistics.floor.model_copy(update={"wer": 1.0})}
    floored = suite.model_copy(update={"statistics": suite.statistics.model_copy(update=low)})
    results = compare_suite(floored, store)
    text = render_table(floored, results)
    english = next(line for line in text.splitlines() if line.startswith("| en"))
    assert "| floor" in english
    medians = {summary.metric: summary for summary in results.summaries if summary.statistic == "median"}
    wer, cer = medians["wer"], medians["cer"]
    assert (wer.languages, wer.floors, wer.with_floors) == (("en",), ("en",), True)
    assert (cer.languages, cer.floors, cer.with_floors) == (("th",), (), True)
    assert "- cost over the 1 WER row (en): median" in text
    assert "without floor rows (en): none is left" in text


def test_missing_speakers_are_said(suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]) -> None:
    store = Store(tmp_path / "r")
    for rows in decodes.values():
        rows["speaker_id"] = ""
    fill(store, suite, decodes)
    results = compare_suite(suite, store)
    assert {row.sample.sentences for row in results.measurements if row.language == "en"} != {None}
    assert {row.sample.unit for row in results.measurements} == {"utterance"}
    assert "|unit:utterance-and-sentence|" in results.signature
    (caution,) = list_cautions(results.comparisons)
    assert caution.startswith("en th: 60 of 60 clips name no speaker, so clips are resampled, not speakers")
    asked = suite.model_copy(update={"statistics": suite.statistics.model_copy(update={"unit": "speaker"})})
    with pytest.raises(BenchError, match=r'unit = "speaker": en/clean: 60 of 60 clips name no speaker; add speakers'):
        compare_suite(asked, store)
    alone = suite.model_copy(update={"arms": suite.arms[:1]})
    fill(store, alone, {key: rows for key, rows in decodes.items() if key[0] == "control"})
    assert {row.sample.speakers for row in compare_suite(alone, store).measurements} == {0}
    fill(store, suite, decodes)
    by_clip = suite.model_copy(update={"statistics": suite.statistics.model_copy(update={"unit": "utterance"})})
    assert "|unit:utterance-and-sentence|" in compare_suite(by_clip, store).signature


def test_stale_comparisons_are_named(
    suite: Suite, tmp_path: Path, decodes: dict[tuple[str, str], pd.DataFrame]
) -> None:
    store = Store(tmp_path / "r")
    fill(store, suite, decodes)
    with pytest.raises(BenchError, match="run `bench compare`"):
        read_results(suite, store)
    computed, stored = compare_suite(suite, store), read_results(suite, store)
    assert repr(stored.measurements) == repr(computed.measurements)
    assert (stored.signature, stored.clips) == (computed.signature, computed.clips)
    other = suite.model_copy(update={"scoring": suite.scoring.model_copy(update={"normalizer": "none"})})
    with pytest.raises(BenchError, match="older than the suite"):
        read_results(other, store)
    with pytest.raises(BenchError, match=rf"has changed since .*: seed was {suite.seed} and is 2; set that back"):
        compare_suite(suite.model_copy(update={"seed": 2}), store)
