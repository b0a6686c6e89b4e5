"""Bytes to 16 kHz mono float32.

soundfile and soxr are imported where they are used: what measures memory runs on machines that have neither.
"""

import io
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
LOWEST_RATE, HIGHEST_RATE = 1_000, 768_000
CHUNK = 2**20
"""Frames read at a time."""
MP3_COMPRESSION = 0.8
MP4 = b"ftyp"
CONVERT = "convert it, for example by `ffmpeg -i clip.m4a clip.flac`"

Audio = npt.NDArray[np.float32]


class UnreadableAudioError(Exception):
    """The bytes cannot be decoded, or hold no samples."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a recording, in seconds; to its end if `seconds` is None.

    `slack`: by how much more a recording may last and still be meant as a whole, since `seconds` is only so exact.
    """

    start: float
    seconds: float | None = None
    slack: float = 0.0

    def overlaps(self, other: "Segment") -> bool:
        """Whether two parts of one recording share any of it."""
        ends = [part.start + (float("inf") if part.seconds is None else part.seconds) for part in (self, other)]
        return self.start < ends[1] and other.start < ends[0]


WHOLE = Segment(0)


def resampler() -> str:
    """Name, version and quality: the resampler moves the log-mel slightly, so every signature pins it."""
    return f"soxr-{version('soxr')}-HQ"


def decoder() -> str:
    """What turns a file's bytes into samples; lossy formats come out a little different from version to version."""
    import soundfile

    return f"libsndfile-{soundfile.__libsndfile_version__}"


def read_audio(content: bytes, segment: Segment = WHOLE) -> Audio:
    """Mono float32 at 16 kHz in [-1, 1] of a file's bytes, or of a part of it, in any format that soundfile reads.

    Channels are averaged. Raises UnreadableAudioError; the runner records such a clip instead of failing.
    """
    import soundfile
    import soxr

    if not content:
        raise UnreadableAudioError("empty file")
    if content[4:8] == MP4:
        raise UnreadableAudioError(f"AAC in MP4, which {decoder()} does not read; {CONVERT}")
    try:
        samples, rate = _read(content, segment)
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(error.error_string) from None
    except (TypeError, ValueError) as error:  # a headerless format, or a header that contradicts itself
        raise UnreadableAudioError(str(error)) from None
    mono = samples.mean(axis=1)
    if not np.isfinite(mono).all():
        raise UnreadableAudioError("samples that are not numbers")
    audio = np.asarray(soxr.resample(mono, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else mono, dtype=np.float32)
    if not len(audio):
        raise UnreadableAudioError(f"no samples after {segment.start:g} s" if segment.start else "no samples")
    return audio


def stated_seconds(content: bytes) -> float:
    """What a file's header says of its length, which may be wrong; 0 where it cannot be read or does not say."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            return float(file.frames / file.samplerate)
    except (soundfile.LibsndfileError, TypeError, ValueError, ZeroDivisionError):
        return 0.0


def to_mp3(audio: Audio) -> bytes:
    """Some 30 kbit/s, which every browser plays; the same samples give the same bytes."""
    import soundfile

    file = io.BytesIO()
    quality = {"subtype": "MPEG_LAYER_III", "compression_level": MP3_COMPRESSION, "bitrate_mode": "VARIABLE"}
    soundfile.write(file, audio, SAMPLE_RATE, format="MP3", **quality)
    return file.getvalue()


def _read(content: bytes, segment: Segment) -> tuple[Audio, int]:
    """(frames, channels) and the rate, read until there is no more: a header may not know, or overstate, the length."""
    import soundfile

    with soundfile.SoundFile(io.BytesIO(content)) as file:
        if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
            raise ValueError(f"a sampling rate of {file.samplerate} Hz")
        rate = file.samplerate
        _frames(file, round(segment.start * rate))
        if segment.seconds is None:
            return _frames(file, None), rate
        most = round((segment.seconds + segment.slack) * rate)
        samples = _frames(file, most + 1)
        return (samples[: round(segment.seconds * rate)] if len(samples) > most else samples), rate


def _frames(file: Any, count: int | None) -> Audio:
    """As many frames as are left, or `count` of them: (frames, channels)."""
    pieces = [np.zeros((0, file.channels), dtype=np.float32)]
    left = float("inf") if count is None else count
    while len(piece := file.read(int(min(left, CHUNK)), dtype="float32", always_2d=True)):
        pieces.append(piece)
        left -= len(piece)
    return np.concatenate(pieces)
