"""Tags of other makers name Whisper's languages; what names none is said, by suites and by manifests."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from transformers.models.whisper.tokenization_whisper import LANGUAGES, TO_LANGUAGE_CODE

from bench.corpora import load_corpus, manifest_languages
from bench.corpora.hub.layouts import FLEURS, config_of, layout_of
from bench.errors import BenchError
from bench.languages import CODES, code_of, is_tag, match, whisper_code
from bench.scoring import make_normalizer
from bench.suite import CorpusSpec, Suite
from tests.conftest import Command, write_clips
from tests.test_commands import one_line_error


def test_all_of_whispers_languages_by_its_codes_and_names() -> None:
    assert set(CODES.values()) == set(LANGUAGES)
    assert {name: whisper_code(name) for name in TO_LANGUAGE_CODE} == TO_LANGUAGE_CODE
    assert {code: whisper_code(code) for code in LANGUAGES} == {code: code for code in LANGUAGES}


def test_every_language_of_fleurs_is_named_as_fleurs_names_it() -> None:
    assert {code: whisper_code(tag) for code, tag in FLEURS.items()} == {code: code for code in FLEURS}


@given(st.sampled_from(sorted(LANGUAGES)), st.sampled_from(["", "-US", "_gb", "-Latn-DE", "_419", "-x-mine", ".UTF-8"]))
def test_scripts_regions_and_case_do_not_matter(code: str, further: str) -> None:
    expected = "zh" if code == "zh" else code
    assert whisper_code(f" {code.upper()}{further} ") == expected


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *(("EN", "en"), ("en-US", "en"), ("eng", "en"), ("English", "en"), ("<|en|>", "en"), ("English (US)", "en")),
        *(("cmn_hans_cn", "zh"), ("zh_TW", "zh"), ("zho", "zh"), ("Mandarin Chinese", "zh"), ("zh-cmn-Hans", "zh")),
        *(("yue_hant_hk", "yue"), ("zh-HK", "yue"), ("zh-yue", "yue"), ("Cantonese", "yue")),
        *(("jv", "jw"), ("jav", "jw"), ("iw_IL", "he"), ("fil_ph", "tl"), ("nb-NO", "no"), ("nn-NO", "nn")),
        *(("ger", "de"), ("th_th", "th"), ("japanese", "ja"), ("es_419", "es"), ("sr-Cyrl-RS", "sr")),
    ],
)
def test_tags_of_other_makers(tag: str, code: str) -> None:
    assert (whisper_code(tag), code_of(tag), is_tag(tag)) == (code, code, True)


@pytest.mark.parametrize(
    ("tag", "could_be"),
    [
        *(("kab", True), ("ckb_iq", True), ("or_in", True), ("zh-nan", True), ("nan-tw", True), ("und", True)),
        *(("klingon", False), ("banana", False), ("englsh", False), ("", False), ("en us", False), ("中文", False)),
    ],
)
def test_what_names_none_of_them(tag: str, could_be: bool) -> None:
    assert (whisper_code(tag), code_of(tag), is_tag(tag)) == (None, tag, could_be)


def test_the_word_that_was_asked_for_comes_before_its_language() -> None:
    assert match("zh-tw", ("zh-CN", "zh-TW")) == "zh-TW"
    assert match("cmn", ("en", "zh-TW")) == "zh-TW"
    assert match("KAB", ("kab",)) == "kab"
    assert match("de", ("en",)) is None


def make_suite(*languages: str, **changes: Any) -> Suite:
    arms = [{"name": "a", "model": "m"}]
    whole = {"name": "s", "languages": languages, "arms": arms, "corpus": {"kind": "manifest", "path": "clips.tsv"}}
    return Suite.model_validate(whole | changes)


def test_a_suite_keeps_its_own_words_and_counts_by_them() -> None:
    suite = make_suite("ja_jp", "en-US", "yue", "bo", "th")
    assert suite.languages == ("ja_jp", "en-US", "yue", "bo", "th")
    assert set(suite.scoring.cer_primary) >= {"ja_jp", "yue", "bo", "th", "zh"}
    assert "en-US" not in suite.scoring.cer_primary
    assert make_suite("zh", scoring={"cer_primary": ["cmn"]}).scoring.cer_primary == ("cmn", "zh")
    assert make_suite("en", "zh").scoring == make_suite("en").scoring


def test_languages_that_a_suite_cannot_mean() -> None:
    with pytest.raises(ValidationError, match="'klingon' is none that is known; write a language's code"):
        make_suite("en", "klingon")
    with pytest.raises(ValidationError, match="en is listed twice"):
        make_suite("en", "en")


def test_normalisers_know_a_language_by_any_tag() -> None:
    normalize = make_normalizer("multilingual")
    assert normalize("IŞIK", "tr_tr") == normalize("IŞIK", "Turkish") == normalize("IŞIK", "tr") == "ışık"


@pytest.mark.parametrize(
    ("language", "config"),
    [("zh", "cmn_hans_cn"), ("cmn", "cmn_hans_cn"), ("es_419", "es_419"), ("en-GB", "en_us"), ("jv", "jv_id")],
)
def test_fleurs_by_any_tag(language: str, config: str) -> None:
    spec = CorpusSpec(kind="hub", repo="google/fleurs")
    assert config_of(spec, layout_of(spec), language) == config


def test_configs_of_a_suite_by_any_tag() -> None:
    spec = CorpusSpec(kind="hub", repo="google/fleurs", config={"de": "german"})
    assert config_of(spec, layout_of(spec), "de-DE") == "german"
    template = spec.model_copy(update={"config": "data-{language}"})
    assert config_of(template, layout_of(spec), "de_de") == "data-de_de"


def test_the_demo_by_any_tag() -> None:
    corpus = load_corpus(CorpusSpec(kind="demo", utterances=3), ("en-US", "cmn"), 1)
    assert {language: len(clips) for language, clips in corpus.utterances.items()} == {"en-US": 3, "cmn": 3}


def write_rows(folder: Path, *tags: str) -> Path:
    """A manifest of as many clips, each of a language so spelled."""
    write_clips(folder, ["en"], len(tags))
    rows = [{"audio_filepath": f"en{i}.wav", "text": "a", "lang": tag} for i, tag in enumerate(tags)]
    path = folder / "clips.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_rows_of_a_manifest_by_any_tag(tmp_path: Path) -> None:
    path = write_rows(tmp_path, "en", "EN", "en-US", "english", "eng", "de_DE", "kab", "kab")
    corpus = load_corpus(CorpusSpec(kind="manifest", path=path), ("en",), 1)
    assert {clip.language for clip in corpus.utterances["en"]} == {"en"}
    assert len(corpus.utterances["en"]) == 5
    assert corpus.notes == ("clips.jsonl: rows of languages not asked for are passed over: kab (2), de_DE (1)",)
    corpus = load_corpus(CorpusSpec(kind="manifest", path=path), ("English", "kab", "deu"), 1)
    assert {language: len(clips) for language, clips in corpus.utterances.items()} == {"English": 5, "kab": 2, "deu": 1}
    assert corpus.notes == ()
    assert manifest_languages(path) == ("en", "de", "kab")


def test_two_tags_of_one_language_are_told_apart_by_the_rows_own(tmp_path: Path) -> None:
    spec = CorpusSpec(kind="manifest", path=write_rows(tmp_path, "en-GB", "en_us", "EN-gb"))
    corpus = load_corpus(spec, ("en-GB", "en_us"), 1)
    assert {language: len(clips) for language, clips in corpus.utterances.items()} == {"en-GB": 2, "en_us": 1}
    write_rows(tmp_path, "en-GB", "en_us", "eng")
    with pytest.raises(BenchError, match="line 3: language 'eng' may be en-GB or en_us of the suite; write which"):
        load_corpus(spec, ("en-GB", "en_us"), 1)


def test_a_tag_that_names_nothing_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_rows(tmp_path, "en", "englsh")
    message = r"clips\.jsonl: line 2: language 'englsh' is none that is known; write a language's code, as en"
    with pytest.raises(BenchError, match=message):
        load_corpus(CorpusSpec(kind="manifest", path=path), ("en",), 1)
    with pytest.raises(BenchError, match=message):
        manifest_languages(path)


def test_a_run_says_what_it_passes_over(bench: Command, tmp_path: Path) -> None:
    write_rows(tmp_path, "en", "en-US", "de")
    arms = 'arms = [{ name = "a", model = "demo:48-control-seed0" }]'
    corpus = '[corpus]\nkind = "manifest"\npath = "clips.jsonl"\n[decode]\nmax_new_tokens = 4\n'
    (tmp_path / "s.toml").write_text(f'name = "s"\nlanguages = ["en_GB"]\n{arms}\n{corpus}', encoding="utf-8")
    done = bench("run", tmp_path / "s.toml")
    assert done.returncode == 0, done.stderr
    note = "clips.jsonl: rows of languages not asked for are passed over: de (1)"
    assert f"caution: {note}" in done.stderr
    assert "decoded 2 clips" in done.stdout
    assert note in bench("data", tmp_path / "s.toml").stdout
    assert note in bench("doctor", tmp_path / "s.toml").stdout
    (tmp_path / "s.toml").write_text(f'name = "s"\nlanguages = ["banana"]\n{arms}\n{corpus}', encoding="utf-8")
    assert "languages: 'banana' is none that is known" in one_line_error(bench("run", tmp_path / "s.toml"))
