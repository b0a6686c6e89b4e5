"""Bytes to 16 kHz mono float32."""

import io
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

SAMPLE_RATE = 16_000
RESAMPLER = f"soxr-{version('soxr')}-HQ"
"""Name, version and quality: the resampler moves the log-mel slightly, so every signature pins it."""

Audio = npt.NDArray[np.float32]


class UnreadableAudioError(Exception):
    """The bytes cannot be decoded, or hold no samples."""


def read_audio(content: bytes) -> Audio:
    """Mono float32 at 16 kHz in [-1, 1] from the bytes of a file, in any format that soundfile reads.

    Channels are averaged. Raises UnreadableAudioError; the runner records such a clip instead of failing.
    """
    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    except (soundfile.LibsndfileError, TypeError) as error:
        raise UnreadableAudioError(str(error)) from None
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    if not len(mono):
        raise UnreadableAudioError("no samples")
    return np.asarray(soxr.resample(mono, rate, SAMPLE_RATE) if rate != SAMPLE_RATE else mono, dtype=np.float32)
