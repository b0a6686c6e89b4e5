"""Corpora: sampling that ignores row order, manifests that name the row at fault, and the embedded demo."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from bench.audio import SAMPLE_RATE, WHOLE, Segment, UnreadableAudioError, read_audio
from bench.corpora import Utterance, load_corpus, read_utterance
from bench.corpora.manifest import read_manifest
from bench.corpora.sampling import Draw, sample
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


@given(st.lists(st.sampled_from(["", "ann", "bob", "cem", "dai", "eve"]), max_size=40), st.integers(2, 4))
def test_speakers_are_set_aside_whole(speakers: list[str], every: int) -> None:
    """Each clip is on one side, each named speaker too; which does not depend on the others or on the seed."""
    rows = [Utterance(f"u{i}", "en", "text", speaker, b"") for i, speaker in enumerate(speakers)]
    tested, aside = (Draw(1, every, side).sample(rows, None) for side in (False, True))
    assert sorted(clip.id for clip in (*tested, *aside)) == sorted(clip.id for clip in rows)
    assert not {clip.speaker for clip in tested} & {clip.speaker for clip in aside} - {""}
    assert set(tested) == set(Draw(2, every).sample(rows, None))
    assert tested == tuple(clip for clip in sample(rows, None, 1) if clip in tested)


def test_a_corpus_whose_speakers_are_all_on_one_side(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    manifest = tmp_path / "clips.tsv"
    manifest.write_text("path\ttext\tspeaker\tlang\na.wav\tone\tann\ten\n", encoding="utf-8")
    sides = []
    for aside in (False, True):
        try:
            load_corpus(CorpusSpec(kind="manifest", path=manifest, set_aside=2), ("en",), 1, aside=aside)
        except BenchError as error:
            sides.append(str(error))
    assert len(sides) == 1
    assert "set aside by corpus.set_aside = 2; take another number or more clips" in sides[0]


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
        ("path\ttext\tlang\ttext\nen0.wav\thi\ten\tho\n", "m.tsv: column text stands twice; rename or remove"),
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


def write_jsonl(folder: Path, *rows: str) -> Path:
    """Rows as they are spelled, beside clips that they may name."""
    write_clips(folder)
    path = folder / "m.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"path": "en0.wav", "text": NaN}', "line 1 has no text"),
        ('{"path": "en0.wav", "text": null}', "line 1 has no text"),
        ('{"path": "en0.wav", "text": true}', "line 1: text is true, which is no text; mend the row"),
        ('{"path": "en0.wav", "text": ["a"]}', r'line 1: text is \["a"\], which is no text'),
        ('{"path": "en0.wav", "text": Infinity}', "line 1: text is Infinity, which is no text"),
        ('{"path": "en0.wav", "text": "a", "speaker": false}', "line 1: speaker is false, which is no text"),
        ('{"path": "en0.wav", "text": "a", "lang": {"en": 1}}', "line 1: lang is .* which is no text"),
        ('{"path": "en0.wav", "text": "a", "text": "b"}', "line 1: column text stands twice"),
        ('{"path": "en0.wav", "text": "a", "duration": true}', "line 1: duration is true, which is no text"),
        ('{"path": "en0.wav", "text": "a", "duration": "soon"}', "line 1: duration 'soon' is no number of seconds"),
        ('{"path": "en0.wav", "text": "a", "duration": -1}', "line 1: duration '-1' is no number of seconds"),
        ('{"path": "en0.wav", "text": "a", "duration": 0.0}', "line 1: a duration of 0 seconds"),
        ('{"path": "en0.wav", "text": "a", "duration": 1e400}', "line 1: duration is Infinity, which is no text"),
        ('{"path": "en0.wav", "text": "a", "offset": -0.5}', "line 1: offset '-0.5' is no number of seconds"),
    ],
)
def test_a_json_row_at_fault_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        read_manifest(write_jsonl(tmp_path, row), ("en",))


def test_what_says_that_nobody_knows_names_nobody(tmp_path: Path) -> None:
    names = ('"unknown"', '"N/A"', "NaN", '"-"', "null", '"Anna"')
    rows = [f'{{"path": "en{i}.wav", "text": 7, "speaker": {name}, "gender": {name}}}' for i, name in enumerate(names)]
    clips = read_manifest(write_jsonl(tmp_path, *rows), ("en",))
    assert [(clip.speaker, clip.gender, clip.reference) for clip in clips] == [("", "", "7")] * 5 + [
        ("Anna", "Anna", "7")
    ]


RATE = 8_000
RECORDING = np.repeat([0.1, 0.3, 0.5], RATE).astype(np.float32)
"""Three seconds at three levels, by which a part is known."""


def encoded(samples: "np.typing.NDArray[np.float32]", file_format: str = "FLAC") -> bytes:
    with io.BytesIO() as file:
        soundfile.write(file, samples, RATE, format=file_format)
        return file.getvalue()


@pytest.mark.parametrize("file_format", ["FLAC", "WAV", "OGG", "MP3"])
def test_a_part_of_a_recording(file_format: str) -> None:
    content = encoded(RECORDING, file_format)
    for start, level in enumerate((0.1, 0.3, 0.5)):
        heard = read_audio(content, Segment(start, 1.0))
        assert len(heard) == SAMPLE_RATE
        assert np.median(heard) == pytest.approx(level, abs=0.05)
    assert len(read_audio(content, Segment(2.5))) == pytest.approx(SAMPLE_RATE / 2, abs=2000)
    with pytest.raises(UnreadableAudioError, match="no samples after 9 s"):
        read_audio(content, Segment(9.0, 1.0))


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, 3),
        ({"offset": 0.0, "duration": 1.25}, 1.25),
        ({"duration": 1.0}, 1),
        ({"offset": 1, "duration": 1.5}, 1.5),
        ({"offset": "0.5"}, 2.5),
        ({"duration": 2}, 3),
        ({"duration": 2.9}, 3),
        ({"duration": 2.95}, 3),
        ({"duration": 3.004, "offset": None}, 3),
        ({"duration": 2.85}, 2.85),
        ({"audio_length_s": 2.0}, 2),
    ],
)
def test_offset_and_duration_say_which_part_is_the_clip(
    fields: Mapping[str, object], seconds: float, tmp_path: Path
) -> None:
    """As NeMo has it; but a length that is merely rounded, to the digits it has, or padded is that of the whole."""
    (tmp_path / "a.flac").write_bytes(encoded(RECORDING))
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps({"audio_filepath": "a.flac", "text": "a"} | dict(fields)), encoding="utf-8")
    (clip,) = read_manifest(path, ("en",))
    assert len(read_utterance(clip)) / SAMPLE_RATE == pytest.approx(seconds)


def test_a_part_beyond_the_end_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(encoded(RECORDING))
    path = tmp_path / "m.tsv"
    path.write_text("path\ttext\toffset\tduration\na.flac\ta\t2.5\t2.0\n", encoding="utf-8")
    with pytest.raises(UnreadableAudioError, match=r"cut short: 0\.5 s of 2\.0"):
        read_utterance(read_manifest(path, ("en",))[0])


def test_parts_of_one_recording_are_clips_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(encoded(RECORDING))
    path = tmp_path / "m.tsv"
    rows = "".join(f"a.flac\ta\t{start}\t1.0\n" for start in ("0", "1", "2.0"))
    path.write_text(f"path\ttext\toffset\tduration\n{rows}", encoding="utf-8")
    clips = read_manifest(path, ("en",))
    assert [clip.id for clip in clips] == ["a.flac", "a.flac@1", "a.flac@2.0"]
    assert len({clip.audio_hash() for clip in clips}) == 3
    assert len({clip.file_hash() for clip in clips}) == 1


def test_parts_overlap_or_not() -> None:
    first, second, rest = Segment(0, 1.0, 0.1), Segment(1.0, 1.0), Segment(1.5)
    assert not first.overlaps(second)
    assert not rest.overlaps(first)
    assert second.overlaps(rest)
    assert all(WHOLE.overlaps(part) and part.overlaps(WHOLE) for part in (first, second, rest, WHOLE))
