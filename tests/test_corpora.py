"""Corpora: sampling that ignores row order, manifests that name the row at fault, and the embedded demo."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from bench.audio import UnreadableAudioError, read_audio
from bench.corpora import Utterance, load_corpus
from bench.corpora.manifest import read_manifest
from bench.corpora.sampling import sample
from bench.errors import BenchError
from bench.suite import CorpusSpec
from tests.conftest import write_clips


def utterances(count: int) -> list[Utterance]:
    return [Utterance(f"u{i}", "en", "text", "s", b"") for i in range(count)]


@given(st.permutations(range(30)), st.integers(1, 29), st.integers(0, 9))
def test_samples_nest_and_ignore_row_order(order: list[int], count: int, seed: int) -> None:
    rows = utterances(30)
    small = sample([rows[i] for i in order], count, seed)
    assert small == sample(rows, count + 1, seed)[:count]


def test_another_seed_is_another_sample() -> None:
    assert sample(utterances(100), 10, 1) != sample(utterances(100), 10, 2)


def test_manifest_tsv_and_jsonl_agree(tmp_path: Path) -> None:
    tsv = write_clips(tmp_path)
    rows = [line.split("\t") for line in tsv.read_text().splitlines()[1:]]
    lines = [
        json.dumps({"audio_filepath": path, "sentence": text, "client_id": speaker, "language": language, "dur": 1.0})
        for path, text, speaker, language in rows
    ]
    jsonl = tmp_path / "clips.jsonl"
    jsonl.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    assert read_manifest(jsonl, ("en", "de")) == read_manifest(tsv, ("en", "de"))


def test_quotes_are_ordinary_characters(tmp_path: Path) -> None:
    write_clips(tmp_path)
    manifest = tmp_path / "m.tsv"
    manifest.write_text('path\ttext\nen0.wav\the said "yes\nen1.wav\tno" she said\n', encoding="utf-8")
    assert [u.reference for u in read_manifest(manifest, ("en",))] == ['he said "yes', 'no" she said']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path\ttext\tlang\nen0.wav\t\ten\n", "line 2 has no text"),
        ("path\ttext\tlang\nen0.wav\thi\n", "line 2 has 2 columns, the header 3"),
        ("path\ttext\tlang\nen9.wav\thi\ten\n", r"line 2: no audio file .*en9\.wav"),
        ("path\ttext\tlang\nen0.wav\thi\t\n", "line 2 has no lang"),
        ("file\ttext\tlang\nen0.wav\thi\ten\n", "no column path or audio_filepath .* the header is file, text, lang"),
        ("path\ttext\tlang\nen0.wav\thi\ten\nen0.wav\tho\ten\n", "stands twice"),
    ],
)
def test_a_row_at_fault_is_named(tmp_path: Path, text: str, message: str) -> None:
    write_clips(tmp_path)
    manifest = tmp_path / "m.tsv"
    manifest.write_text(text, encoding="utf-8")
    with pytest.raises(BenchError, match=message) as caught:
        read_manifest(manifest, ("en", "de"))
    assert "m.tsv" in str(caught.value)


def test_a_language_without_clips_is_an_error(tmp_path: Path) -> None:
    spec = CorpusSpec(kind="manifest", path=write_clips(tmp_path))
    with pytest.raises(BenchError, match=r"language 'fr' has no utterances.*de, en"):
        load_corpus(spec, ("en", "de", "fr"), 1)
    with pytest.raises(BenchError, match=r"language 'fr' has no utterances.*de, en"):
        load_corpus(spec, ("fr",), 1)


def test_the_demo_has_a_hundred_clips_by_forty_speakers_in_eleven_languages() -> None:
    languages = ("en", "de", "es", "fr", "ru", "tr", "cy", "ar", "th", "zh", "ka")
    corpus = load_corpus(CorpusSpec(kind="demo"), languages, 1)
    for language in languages:
        rows = corpus.utterances[language]
        assert len(rows) == 100
        assert len({row.speaker for row in rows}) == 40
    seconds = [len(read_audio(row.audio_bytes())) / 16_000 for row in corpus.utterances["th"]]
    assert min(seconds) > 0.25
    assert max(seconds) <= 4


def test_audio_is_mixed_to_mono_and_resampled(tmp_path: Path) -> None:
    t = np.arange(44_100) / 44_100
    stereo = np.stack([np.sin(2 * np.pi * 440 * t), np.zeros_like(t)], axis=1)
    soundfile.write(tmp_path / "a.flac", stereo, 44_100)
    audio = read_audio((tmp_path / "a.flac").read_bytes())
    assert audio.dtype == np.float32
    assert len(audio) == 16_000
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert np.abs(audio - expected)[200:-200].max() < 1e-3


def test_samples_that_are_not_numbers_are_unreadable() -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.full(1000, np.nan), 16_000, format="WAV", subtype="FLOAT")
    with pytest.raises(UnreadableAudioError, match="not numbers"):
        read_audio(buffer.getvalue())


@pytest.mark.parametrize("content", [b"", b"RIFF not a wav", b"\xff" * 400])
def test_audio_that_cannot_be_decoded_says_so(content: bytes) -> None:
    with pytest.raises(UnreadableAudioError) as caught:
        read_audio(content)
    assert "0x" not in str(caught.value)
