"""Bytes to 16 kHz mono float32.

soundfile and soxr are imported where they are used: what measures memory runs on machines that have neither.
"""

import io
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.audio_headers import is_ended, promised_bytes, promised_frames

SAMPLE_RATE = 16_000
LOWEST_RATE, HIGHEST_RATE = 1_000, 768_000
CHUNK = 2**20
"""Samples read at a time, of all channels."""
LONGEST, USUAL_RATE = 3600, 48_000
"""Seconds of a clip at most, at rates up to this one; beyond it as many samples: memory is bounded by the format."""
FULL_SCALE = 4.0
"""The largest sample that a lossy decoder's overshoot explains (12 dB); what is larger was never scaled to [-1, 1]."""
CANCELLED = 1e-3
"""Of the power that channels have together, what is left of them where they are one another's opposite."""
HELD = 0.9
"""A file that holds less than this share of what its header promises was cut short."""
MP3_COMPRESSION = 0.8
MP4 = b"ftyp"
CONVERT = "convert it, for example by `ffmpeg -i clip.m4a clip.flac`"

Audio = npt.NDArray[np.float32]


class UnreadableAudioError(Exception):
    """The bytes cannot be decoded, or hold no samples."""


class TooLongAudioError(UnreadableAudioError):
    """The clip lasts so many seconds or more, which is more than is decoded."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too long: {seconds:.0f} s or more; cut it into segments (offset, duration)")
        self.seconds = seconds


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
    """Mono float32 at 16 kHz of a file's bytes, or of a part of it, in any format that soundfile reads.

    In [-1, 1] but for what lossy decoders overshoot; channels are averaged. Raises UnreadableAudioError, also for a
    file that holds less than its header says, lasts over an hour, is not scaled, or whose channels cancel each other;
    the runner records such a clip instead of failing.
    """
    import soundfile
    import soxr

    if not content:
        raise UnreadableAudioError("empty file")
    if content[4:8] == MP4:
        raise UnreadableAudioError(f"AAC in MP4, which {decoder()} does not read; {CONVERT}")
    try:
        mono, rate = _read(content, segment)
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(error.error_string) from None
    except (TypeError, ValueError) as error:  # a headerless format, or a header that contradicts itself
        raise UnreadableAudioError(str(error)) from None
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
    """Mono samples and the rate, read until there is no more: a header may not know, or overstate, the length."""
    import soundfile

    with soundfile.SoundFile(io.BytesIO(content)) as file:
        if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
            raise ValueError(f"a sampling rate of {file.samplerate} Hz")
        rate = file.samplerate
        promised = promised_frames(content, file)
        most = LONGEST * min(rate, USUAL_RATE)
        start = round(segment.start * rate)
        wanted = (promised or 0) - start if segment.seconds is None else round(segment.seconds * rate)
        if wanted > most:
            raise TooLongAudioError(wanted / rate)
        skipped = _skip(file, start)
        if segment.seconds is None:
            samples = _mono(file, most + 1)
            if len(samples) > most:
                raise TooLongAudioError(len(samples) / rate)
            _require_whole(content, skipped + len(samples), promised, rate)
            return samples, rate
        longest = round((segment.seconds + segment.slack) * rate)
        samples = _mono(file, longest + 1)
        return (samples[: round(segment.seconds * rate)] if len(samples) > longest else samples), rate


def _require_whole(content: bytes, frames: int, promised: int | None, rate: int) -> None:
    """Raises UnreadableAudioError where the header promises more than was decoded, or than the file has room for."""
    if promised is not None and frames < HELD * promised:
        raise UnreadableAudioError(f"cut short: {frames / rate:.1f} s, its header says {promised / rate:.1f}")
    if not is_ended(content):
        raise UnreadableAudioError("cut short: its last page is missing")
    held, stated = promised_bytes(content) or (0, 0)
    if held < HELD * stated:
        raise UnreadableAudioError(f"cut short: {held:,} bytes of samples, its header says {stated:,}")


def _skip(file: Any, count: int) -> int:
    """Passes over as many frames by decoding them, since lossy formats cannot seek to a sample; returns how many."""
    skipped = 0
    while skipped < count and len(piece := file.read(min(count - skipped, _chunk(file)), always_2d=True)):
        skipped += len(piece)
    return skipped


def _mono(file: Any, count: int) -> Audio:
    """As many frames as are left, or `count` of them, their channels averaged."""
    pieces, left = [np.zeros(0, dtype=np.float32)], count
    together = apart = 0.0
    while left and len(piece := file.read(min(left, _chunk(file)), dtype="float32", always_2d=True)):
        if not np.isfinite(piece).all():
            raise UnreadableAudioError("samples that are not numbers")
        if (peak := float(np.abs(piece).max())) > FULL_SCALE:
            raise UnreadableAudioError(f"samples beyond full scale: up to {peak:.4g}; scale them to [-1, 1]")
        pieces.append(piece.mean(axis=1))
        left -= len(piece)
        together += float(np.square(pieces[-1], dtype=np.float64).sum()) * file.channels
        apart += float(np.square(piece, dtype=np.float64).sum()) / file.channels
    if together < CANCELLED * apart:
        raise UnreadableAudioError("channels that cancel each other; take one of them")
    return np.concatenate(pieces)


def _chunk(file: Any) -> int:
    return max(1, CHUNK // int(file.channels))
