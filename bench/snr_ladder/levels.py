"""How loud speech is while somebody speaks: the active level of ITU-T P.56, and the plain level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d
from scipy.signal import lfilter

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError
from bench.suite import SPEECH_MARGIN

TIME_CONSTANT, HANGOVER = 0.03, 0.2
"""Of the envelope, and how long after it fell below the threshold speech still counts as active; seconds."""
FRAME = 0.02
BACKGROUND = 0.05
"""Share of the frames, the quietest, that are taken for a clip's own background."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """Active and plain (rms) level and that of the clip's own background, in dB relative to overload (dBov).

    `activity` is the share of the clip that counts as speech, the hangover included.
    """

    active: float
    rms: float
    activity: float
    background: float


def rms_level(audio: npt.NDArray[np.floating]) -> float:
    """dBov; minus infinity for silence."""
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64))))


def measure_level(audio: Audio) -> Level:
    """Level of mono speech at 16 kHz. Raises UnreadableAudioError for silence and for what is too short.

    The threshold is exact: the lowest c at which the mean power of what is active lies at most SPEECH_MARGIN above c,
    where a sample is active if the twice smoothed envelope has reached c within the last 0.2 s. P.56 interpolates it
    between thresholds 6 dB apart, which makes the result depend on the gain by some tenths of a decibel; this does not.
    """
    power = np.square(audio, dtype=np.float64)
    total = float(power.sum())
    if not total > 0:
        raise UnreadableAudioError("silent, so it has no speech level")
    held = np.sort(_held_envelope(audio))
    active = len(held) - np.arange(len(held))
    level = 10 * np.log10(total / active)
    with np.errstate(divide="ignore"):
        reached = level - 20 * np.log10(held) <= SPEECH_MARGIN
    if not reached.any():
        raise UnreadableAudioError("so short, or of clicks so sparse, that it has no speech level")
    first = int(np.argmax(reached))
    return Level(float(level[first]), rms_level(audio), float(active[first] / len(held)), _background(power))


def _held_envelope(audio: Audio) -> Floats:
    """The magnitude, twice exponentially averaged, and of that the largest value of the last 0.2 s."""
    decay = np.exp(-1 / (SAMPLE_RATE * TIME_CONSTANT))
    envelope = np.abs(audio, dtype=np.float64)
    for _ in range(2):
        envelope = lfilter([1 - decay], [1, -decay], envelope)
    window = int(HANGOVER * SAMPLE_RATE) + 1
    return np.asarray(maximum_filter1d(envelope, window, origin=window // 2, mode="constant"))


def _background(power: Floats) -> float:
    """Level of the quietest twentieth of the clip's 20 ms frames; of the whole clip if it is shorter than one."""
    size = int(FRAME * SAMPLE_RATE)
    frames = power[: len(power) // size * size].reshape(-1, size).mean(axis=1) if len(power) >= size else power
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.quantile(frames, BACKGROUND)))
