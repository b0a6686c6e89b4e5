"""Audio: every format decodes, and resampling agrees with another tool to -60 dB."""

import io
from math import gcd
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from bench.audio import SAMPLE_RATE, UnreadableAudioError, read_audio
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
