"""Audio: every format decodes, and resampling agrees with another tool to -60 dB."""

import io
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from scipy import signal

from bench.audio import SAMPLE_RATE, Segment, UnreadableAudioError, read_audio
from bench.corpora.manifest import read_manifest
from bench.errors import BenchError
from bench.suite import CorpusSpec
from tests.conftest import write_clips


def chord(rate: int, seconds: float = 2.0) -> np.ndarray:
    """Tones up to 3 kHz, faded at both ends."""
    t = np.arange(int(rate * seconds)) / rate
    tones = sum(np.sin(2 * np.pi * hertz * t + hertz) for hertz in (110, 440, 997, 1800, 3000))
    return 0.1 * tones * signal.windows.tukey(len(t), 0.2)


@pytest.mark.parametrize(
    ("rate", "channels", "options"),
    [
        (44_100, 2, {"format": "MP3"}),
        (8_000, 1, {"format": "WAV", "subtype": "PCM_16"}),
        (48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
    ],
)
def test_resampling_is_another_tools_to_minus_60_db(rate: int, channels: int, options: dict[str, str]) -> None:
    samples = chord(rate)
    if channels == 2:
        samples = np.stack([samples, 0.5 * samples[::-1]], axis=1)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, **options)
    audio = read_audio(buffer.getvalue())
    decoded, _ = soundfile.read(io.BytesIO(buffer.getvalue()), dtype="float64", always_2d=True)
    mono = decoded.mean(axis=1)
    factor = gcd(rate, SAMPLE_RATE)
    up, down = SAMPLE_RATE // factor, rate // factor
    taps = signal.firwin(400 * max(up, down) + 1, 0.92 / max(up, down), window=("kaiser", 14.0))
    reference = signal.resample_poly(mono, up, down, window=taps)
    assert abs(len(audio) - len(reference)) <= 1
    inner = slice(SAMPLE_RATE // 4, 7 * SAMPLE_RATE // 4)
    error = audio[inner].astype(float) - reference[inner]
    assert 10 * np.log10((error**2).mean() / (reference[inner] ** 2).mean()) < -60


def test_every_format_of_real_speech_decodes(data_folder: Path) -> None:
    lines = (data_folder / "speech" / "manifest.tsv").read_text(encoding="utf-8").splitlines()[1:]
    files = [data_folder / "speech" / line.split("\t")[0] for line in lines]
    assert len(files) > 300
    assert len({soundfile.info(path).format for path in files}) >= 3
    for path in files:
        info = soundfile.info(path)
        audio = read_audio(path.read_bytes())
        assert len(audio) == pytest.approx(info.duration * SAMPLE_RATE, abs=0.06 * SAMPLE_RATE), path.name
        assert np.abs(audio).max() > 0.001, path.name


def test_what_is_no_audio_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudioError, match="empty file"):
        read_audio(b"")
    with pytest.raises(UnreadableAudioError, match=r"AAC in MP4, .*ffmpeg -i clip\.m4a clip\.flac"):
        read_audio(b"\0\0\0\x20ftypM4A " + bytes(100))


def test_headers_that_lie_about_the_length_are_no_crash() -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, chord(16_000), 16_000, format="FLAC")
    content = bytearray(buffer.getvalue())
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # STREAMINFO's total of 0: not known, as streaming encoders write it
    try:
        assert len(read_audio(bytes(content))) == pytest.approx(32_000, abs=4096)
    except UnreadableAudioError as error:
        assert str(error)  # noqa: PT017 -- either answer will do, a crash will not
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(1), 48_000, format="WAV")
    with pytest.raises(UnreadableAudioError, match="no samples"):
        read_audio(buffer.getvalue())
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(50), 100, format="WAV")
    with pytest.raises(UnreadableAudioError, match="a sampling rate of 100 Hz"):
        read_audio(buffer.getvalue())


def encoded(samples: np.ndarray, rate: int = 16_000, **options: Any) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, **options)
    return buffer.getvalue()


LENGTHS_STATED = [
    *({"format": name, "subtype": "PCM_16"} for name in ("WAV", "WAVEX", "AIFF", "W64", "AU", "RF64", "SVX", "NIST")),
    {"format": "WAV", "subtype": "FLOAT"},
    {"format": "WAV", "subtype": "IMA_ADPCM"},
    {"format": "AIFF", "subtype": "ULAW"},
    {"format": "MP3"},
    {"format": "OGG", "subtype": "VORBIS"},
    {"format": "FLAC"},
]


@pytest.mark.parametrize("options", LENGTHS_STATED, ids=lambda options: "-".join(options.values()))
def test_a_file_that_was_cut_short_is_not_taken_for_a_short_clip(options: dict[str, str]) -> None:
    """Half a file whose header, or last page, tells of the rest; one that lacks a few samples is heard."""
    content = encoded(chord(16_000), **options)
    with pytest.raises(UnreadableAudioError, match=r"cut short: |lost sync|no samples"):
        read_audio(content[: len(content) // 2])
    assert len(read_audio(content + b"LIST\x04\0\0\0more")) == pytest.approx(32_000, abs=600)
    if options["format"] not in ("OGG", "FLAC"):
        assert len(read_audio(content[: int(0.95 * len(content))])) > 0.9 * 32_000


@pytest.mark.parametrize("stated", [0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_was_not_known_is_no_promise(stated: int) -> None:
    """As what writes to a pipe leaves it; and as an mp3 without a count of its frames leaves it to a guess."""
    wav = bytearray(encoded(chord(16_000), format="WAV", subtype="PCM_16"))
    wav[40:44] = stated.to_bytes(4, "little")
    assert len(read_audio(bytes(wav))) == 32_000
    rising = np.concatenate([np.zeros(8000), np.random.default_rng(0).normal(size=60_000, scale=0.3)])
    mp3 = encoded(rising, format="MP3", bitrate_mode="VARIABLE", compression_level=0.3)
    bare = mp3[mp3.index(mp3[:2], mp3.index(b"Xing")) :]
    assert soundfile.info(io.BytesIO(bare)).frames > 1.5 * 68_000
    assert len(read_audio(bare)) == pytest.approx(68_000, abs=3000)


@pytest.mark.parametrize("scale", [32_768, 128, 2.0**23, 1e38])
def test_samples_that_were_never_scaled_are_not_heard(scale: float) -> None:
    """Integers written as floats; what a lossy decoder overshoots is heard."""
    samples = chord(16_000)
    with pytest.raises(UnreadableAudioError, match="beyond full scale"):
        read_audio(encoded(samples * scale, format="WAV", subtype="FLOAT"))
    loud = samples / np.abs(samples).max() * 1.9
    assert np.abs(read_audio(encoded(loud, format="WAV", subtype="FLOAT"))).max() == pytest.approx(1.9, rel=0.01)


def test_channels_that_cancel_each_other_are_not_heard_as_silence() -> None:
    samples = chord(16_000)
    with pytest.raises(UnreadableAudioError, match="channels that cancel each other"):
        read_audio(encoded(np.stack([samples, -samples], axis=1), format="WAV"))
    for other in (samples, np.zeros_like(samples), -0.8 * samples, samples[::-1]):
        read_audio(encoded(np.stack([samples, other], axis=1), format="WAV"))
    assert not read_audio(encoded(np.zeros((16_000, 2)), format="WAV")).any()


def test_a_recording_of_hours_is_refused_before_it_is_decoded() -> None:
    """By its header; and where that says nothing, once an hour is read. A part of it is heard."""
    flac = encoded(np.zeros(1000 * 3601), 1000, format="FLAC")
    with pytest.raises(UnreadableAudioError, match="too long: 3601 s or more; cut it into segments"):
        read_audio(flac)
    silent = bytearray(flac)
    silent[21] &= 0xF0
    silent[22:26] = bytes(4)
    with pytest.raises(UnreadableAudioError, match="too long: 3600 s or more"):
        read_audio(bytes(silent))
    assert len(read_audio(flac, Segment(3590, 5))) == 5 * SAMPLE_RATE
    with pytest.raises(UnreadableAudioError, match="too long"):
        read_audio(flac, Segment(0, 3601))


def test_m4a_in_a_manifest_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    write_clips(tmp_path)
    (tmp_path / "x.m4a").write_bytes(b"")
    (tmp_path / "m.tsv").write_text("path\ttext\nx.m4a\thello\n", encoding="utf-8")
    with pytest.raises(BenchError, match=r"m\.tsv: line 2: \.m4a files are not read; convert it"):
        read_manifest(tmp_path / "m.tsv", ("en",))


def test_a_folder_stands_for_its_one_manifest(tmp_path: Path) -> None:
    manifest = write_clips(tmp_path)
    assert read_manifest(tmp_path, ("en", "de")) == read_manifest(manifest, ("en", "de"))
    (tmp_path / "other.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(BenchError, match=r"needs one \.tsv or \.jsonl manifest, has clips\.tsv, other\.jsonl"):
        read_manifest(tmp_path, ("en",))
    assert CorpusSpec.model_validate({"kind": "manifest", "path": tmp_path}).path == tmp_path


def test_durations_are_read_where_they_are_given(tmp_path: Path) -> None:
    write_clips(tmp_path)
    lines = [
        '{"audio_filepath": "en0.wav", "text": "a", "duration": 1.5, "lang": "en"}',
        '{"audio_filepath": "en1.wav", "text": "b", "duration": null, "lang": "en", "words": [1, 2]}',
        '{"audio_filepath": "en2.wav", "text": "c", "audio_length_s": "2", "lang": "en"}',
    ]
    (tmp_path / "nemo.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert [u.seconds for u in read_manifest(tmp_path / "nemo.jsonl", ("en",))] == [1.5, None, 2.0]
    (tmp_path / "nemo.jsonl").write_text(lines[0].replace("1.5", '"long"'), encoding="utf-8")
    with pytest.raises(BenchError, match="duration 'long' is no number of seconds"):
        read_manifest(tmp_path / "nemo.jsonl", ("en",))
