"""The manifest: written and read without loss, refused in one line if not of this version, corpora in fields."""

import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from bench.calibrated_languages import CalibratedLanguages
from bench.corpora import load_corpus
from bench.corpus_identity import CommonVoiceCorpus, CorpusIdentity, DemoCorpus, HubCorpus, ManifestCorpus
from bench.decode_parts import part_key
from bench.errors import BenchError
from bench.manifest import ArmRecord, DecodeSettings, Manifest
from bench.runners import RunSummary, run_suite
from bench.store import Store
from bench.suite import CorpusSpec, load_suite
from tests.common_voice import Planted, write_release
from tests.conftest import write_clips
from tests.hub import fleurs_rows, place_fleurs, tone
from tests.manifests import SETTINGS, make_arm, make_manifest
from tests.test_compare import SUITE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(min_value=-(2**40), max_value=2**40)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
KEYS = st.lists(TEXTS, max_size=3).map(tuple)
CORPORA = st.one_of(
    st.builds(DemoCorpus, release=TEXTS, split=TEXTS),
    st.builds(ManifestCorpus, stem=TEXTS, clusters=TEXTS),
    st.builds(CommonVoiceCorpus, release=TEXTS, split=TEXTS, locales=st.dictionaries(TEXTS, TEXTS, max_size=3)),
    st.builds(
        HubCorpus,
        repo=TEXTS,
        revision=st.none() | TEXTS,
        commit=st.none() | TEXTS,
        split=TEXTS,
        configs=st.dictionaries(TEXTS, st.none() | TEXTS, max_size=3),
        clusters=TEXTS,
    ),
)


@st.composite
def arm_records(draw: st.DrawFn) -> ArmRecord:
    parts = draw(st.dictionaries(TEXTS, KEYS, max_size=3))
    return ArmRecord(
        model=draw(TEXTS),
        revision=draw(st.none() | TEXTS),
        commit=draw(st.none() | TEXTS),
        fingerprint=draw(TEXTS),
        parameters=draw(st.none() | NUMBERS),
        settings=SETTINGS.model_copy(update={"generation": draw(OBJECTS), "gpu": draw(st.none() | TEXTS)}),
        material=draw(st.dictionaries(TEXTS, KEYS, max_size=3)),
        parts=parts,
        hashes={key: draw(TEXTS) for keys in parts.values() for key in keys},
        calibration=draw(st.none() | st.builds(CalibratedLanguages, heard=KEYS, read=KEYS)),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corpus=CORPORA, suite=OBJECTS, arms=st.dictionaries(TEXTS, arm_records(), max_size=2))
def test_what_is_written_is_read(
    corpus: CorpusIdentity, suite: dict[str, Any], arms: dict[str, ArmRecord], tmp_path: Path
) -> None:
    path = tmp_path / "manifest.json"
    manifest = Manifest(bench="0", corpus=corpus, utterances="u", suite=suite, arms=arms)
    manifest.write(path)
    read, content = Manifest.read(path), path.read_bytes()
    assert read == manifest
    assert read.corpus.name == corpus.name
    read.write(path)
    assert path.read_bytes() == content


def test_settings_are_hashed_by_these_keys_alone() -> None:
    """No part is found again, and no signature stays, if a key comes or goes; on a GPU one more is there."""
    keys = "attention audio batch beams device dtype generation kv long_clips max_new_tokens nll prompt_tokens recipe"
    assert sorted(SETTINGS.model_dump()) == [*keys.split(), "resampler", "task", "temperature", "torch", "transformers"]
    assert part_key({"settings": SETTINGS.model_dump()}) == "990dbf798ac6970a6278fb82"
    on_gpu = DecodeSettings(**SETTINGS.model_dump() | {"device": "cuda", "gpu": "H100"})
    assert on_gpu.model_dump() == SETTINGS.model_dump() | {"device": "cuda", "gpu": "H100"}


def changed(manifest: Manifest, **changes: Any) -> bytes:
    return json.dumps(manifest.model_dump(mode="json") | changes).encode()


@pytest.fixture
def whole(tmp_path: Path) -> Manifest:
    """A manifest of one arm with one part."""
    store = Store(tmp_path / "r")
    store.write_part("k", [])
    (tmp_path / "s.toml").write_text(SUITE, encoding="utf-8")
    return make_manifest(load_suite(str(tmp_path / "s.toml")), {"control": make_arm(store, {"en/clean": ("k",)})})


def test_what_this_version_did_not_write_is_refused_in_one_line(whole: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "r" / "manifest.json"
    with pytest.raises(BenchError, match=r"/r: nothing decoded yet; run `bench run` on this suite first$"):
        Manifest.read(path)
    arm = whole.arms["control"].model_dump(mode="json")
    damaged = {
        **{"cut short": changed(whole)[:-9], "empty": b"", "a list": b"[]", "not UTF-8": b'{"bench": "\xff"}'},
        "another key": changed(whole, commit=None),
        "a corpus that is a name": changed(whole, corpus="manifest/clips", clusters="speaker"),
        "a corpus of no kind": changed(whole, corpus={"stem": "clips"}),
        "a number for a word": changed(whole, bench=1),
        "a setting less": changed(whole, arms={"a": arm | {"settings": dict(list(arm["settings"].items())[1:])}}),
        "a part without its hash": changed(whole, arms={"a": arm | {"hashes": {}}}),
        "a hash without its part": changed(whole, arms={"a": arm | {"hashes": arm["hashes"] | {"l": "0"}}}),
    }
    for why, content in damaged.items():
        path.write_bytes(content)
        with pytest.raises(BenchError) as caught:
            Manifest.read(path)
        expected = f"{path} is damaged, or of another version; run `bench run` again"
        assert str(caught.value) == expected, why
    path.write_bytes(changed(whole))
    assert Manifest.read(path) == whole


def test_a_run_over_an_older_manifest_decodes_nothing_again(suite_file: Path, tmp_path: Path) -> None:
    suite, store = load_suite(str(suite_file)), Store(tmp_path / "r")
    run_suite(suite, store, [], Console(quiet=True))
    written = store.manifest_path.read_bytes()
    older = json.loads(written)
    older |= {"corpus": "manifest/clips", "clusters": "speaker", "commit": None}
    for arm in older["arms"].values():
        del arm["model"], arm["revision"]
    store.manifest_path.write_text(json.dumps(older), encoding="utf-8")
    assert run_suite(suite, store, [], Console(quiet=True)) == RunSummary(0, 24, ())
    assert store.manifest_path.read_bytes() == written


def test_clean_cells_alone(whole: Manifest) -> None:
    arm = whole.arms["control"].model_copy(
        update={
            "parts": {"en/clean": ("k",), "en/phone": ("l", "m")},
            "hashes": {"k": "1", "l": "2", "m": "3"},
            "material": {"en/clean": (), "en/phone": ("made",)},
        }
    )
    clean = arm.clean()
    assert (clean.parts, clean.hashes, clean.material) == ({"en/clean": ("k",)}, {"k": "1"}, {})


def recorded(spec: dict[str, Any], *languages: str) -> CorpusIdentity:
    """What a manifest says of a corpus that was read."""
    identity = load_corpus(CorpusSpec.model_validate(spec), languages, 1).identity
    manifest = Manifest(bench="0", corpus=identity, utterances="", suite={}, arms={})
    return Manifest.model_validate_json(manifest.model_dump_json()).corpus


def test_what_is_recorded_of_common_voice(tmp_path: Path) -> None:
    write_release(tmp_path, "17.0-2024-03-15", ["cy", "zh-TW"], Planted(clips=6, rejected={}, unreadable={}))
    corpus = recorded({"kind": "common-voice", "path": tmp_path}, "cy", "zh")
    assert isinstance(corpus, CommonVoiceCorpus)
    assert (corpus.release, corpus.split, corpus.clusters) == ("17.0-2024-03-15", "test", "speaker")
    assert (corpus.locales, corpus.others) == ({"cy": "cy", "zh": "zh-TW"}, ("zh",))
    assert (corpus.config("cy"), corpus.config("zh")) == ("cy", "zh-TW")
    assert corpus.name == "common-voice-17.0-2024-03-15/test,zh=zh-TW"
    assert corpus.title == "common-voice-17.0-2024-03-15"
    assert corpus.published_as == "Common Voice 17 test"


@pytest.mark.parametrize(
    ("release", "published_as"),
    [
        ("23.0-delta-2025-09-05", "Common Voice 23 dev"),
        ("4-2019-12-10", "Common Voice 4 dev"),
        ("x", "common-voice-x/dev"),
    ],
)
def test_releases_as_cards_of_others_write_them(release: str, published_as: str) -> None:
    assert CommonVoiceCorpus(release=release, split="dev", locales={}).published_as == published_as


def test_what_is_recorded_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rows = fleurs_rows(["One", "Two"], [tone(1, 200)] * 2)
    commit = place_fleurs(tmp_path / "hub", {"en_us": rows, "th_th": rows})
    corpus = recorded({"kind": "hub", "repo": "google/fleurs"}, "en", "th")
    assert isinstance(corpus, HubCorpus)
    assert (corpus.repo, corpus.revision, corpus.commit) == ("google/fleurs", "refs/convert/parquet", commit)
    assert (corpus.configs, corpus.split, corpus.clusters) == ({"en": "en_us", "th": "th_th"}, "test", "id")
    assert (corpus.config("th"), corpus.title) == ("th_th", "google/fleurs")
    assert corpus.name == corpus.published_as == f"google/fleurs@{commit[:12]}/test"
    local = corpus.model_copy(update={"commit": None, "configs": {"en": None}})
    assert (local.name, local.config("en")) == ("google/fleurs@local/test", "default")


def test_what_is_recorded_of_a_manifest_and_of_the_demo(tmp_path: Path) -> None:
    clips = recorded({"kind": "manifest", "path": write_clips(tmp_path)}, "en", "de")
    assert clips == ManifestCorpus(stem="clips")
    assert (clips.name, clips.title, clips.split, clips.config("de")) == ("manifest/clips", "clips", None, "de")
    demo = recorded({"kind": "demo"}, "en")
    assert demo == DemoCorpus(release="demo-synthetic-1", split="test")
    assert (demo.name, demo.title, demo.split, demo.clusters) == (
        "demo-synthetic-1/test",
        "demo-synthetic-1",
        "test",
        "speaker",
    )
