"""Noise of one kind, as long as a clip: drawn from the generator it is given and from nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import fft
from scipy.signal import fftconvolve

from bench.audio import SAMPLE_RATE, Audio
from bench.errors import BenchError
from bench.snr_ladder.levels import rms_level
from bench.snr_ladder.material import Material
from bench.snr_ladder.recordings import Recordings
from bench.snr_ladder.speech import Speech

LOWEST = 20.0
"""Hz, below which pink noise is as strong as there: its power has no limit towards 0 Hz."""
FEWEST_TALKERS, MOST_TALKERS = 4, 8
Sources = dict[str, Any]


def white(length: int, rng: np.random.Generator) -> Audio:
    return rng.standard_normal(length, dtype=np.float32)


def pink(length: int, rng: np.random.Generator) -> Audio:
    """Power falling by 3 dB an octave from 20 Hz on."""
    size = fft.next_fast_len(length, real=True)
    frequency = fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum = fft.rfft(white(size, rng)) / np.sqrt(np.maximum(frequency, LOWEST)).astype(np.float32)
    return np.asarray(fft.irfft(spectrum, size)[:length], dtype=np.float32)


def speech_shaped(length: int, rng: np.random.Generator, material: Material) -> Audio:
    """White noise filtered to the long-term spectrum of the pool's speech."""
    taps = material.spectrum_filter
    return np.asarray(fftconvolve(white(length + len(taps) - 1, rng), taps, mode="valid"), dtype=np.float32)


def babble(speech: Speech, rng: np.random.Generator, material: Material) -> tuple[Audio, Sources]:
    """Four to eight other speakers of the pool at one active level, each from a random place on, round and round."""
    talkers = material.others(speech)
    if len(talkers) < FEWEST_TALKERS:
        raise BenchError(
            f"babble for {material.name} clip {speech.id}: {len(talkers)} other speakers of the pool say something "
            f"else, it takes {FEWEST_TALKERS}; take babble out of the suite's conditions, or add speakers"
        )
    count = int(rng.integers(FEWEST_TALKERS, min(MOST_TALKERS, len(talkers)) + 1))
    chosen = [talkers[i] for i in rng.choice(len(talkers), count, replace=False)]
    offsets = [int(rng.integers(len(talker.audio))) for talker in chosen]
    voices = [
        looped(talker.audio, offset, len(speech.audio)) * np.float32(10 ** (-talker.level.active / 20))
        for talker, offset in zip(chosen, offsets, strict=True)
    ]
    sources = [
        {"clip": talker.id, "offset_s": round(offset / SAMPLE_RATE, 6)}
        for talker, offset in zip(chosen, offsets, strict=True)
    ]
    return np.sum(voices, axis=0, dtype=np.float32), {"talkers": sources}


def recorded(length: int, rng: np.random.Generator, recordings: Recordings) -> tuple[Audio, Sources]:
    """A piece of one recording; another is drawn where that piece is silent. Raises BenchError if all drawn are."""
    for _ in range(recordings.DRAWS):
        noise, sources = recordings.draw(length, rng)
        if np.isfinite(rms_level(noise)):
            return noise, sources
    raise BenchError(f"{sources['path']}: silent, as {recordings.DRAWS} pieces drawn; take silent recordings out")


def looped(audio: Audio, offset: int, length: int) -> Audio:
    """As many samples from there on, from the start again whenever the end is reached."""
    return np.resize(np.roll(audio, -offset), length)
