"""Speech levels and mixtures against levels known by construction, re-measured by code that is not the mixer's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.audio import UnreadableAudioError
from bench.snr_ladder.levels import measure_level, rms_level

RATE = 16_000


def speechlike(seconds: float, rng: np.random.Generator, background_db: float | None = None) -> np.ndarray:
    """Noise modulated at a syllable's pace, then silence (or a background that far below) for as long."""
    half = int(RATE * seconds / 2)
    modulation = 1 + 0.6 * np.sin(2 * np.pi * 4 * np.arange(half) / RATE)
    quiet = np.zeros(half) if background_db is None else 10 ** (-background_db / 20) * rng.normal(size=half)
    return np.concatenate([0.05 * modulation * rng.normal(size=half), 0.05 * quiet]).astype(np.float32)


@pytest.mark.parametrize("seconds", [3, 10, 20])
@pytest.mark.parametrize("seed", range(3))
def test_the_active_level_is_that_of_the_half_that_is_not_silent(seconds: int, seed: int) -> None:
    audio = speechlike(seconds, np.random.default_rng(seed))
    expected = rms_level(audio) + 10 * np.log10(seconds / (seconds / 2 + 0.2))
    level = measure_level(audio)
    assert level.active == pytest.approx(expected, abs=0.15)
    assert level.active - level.background > 15.9


@given(gain_db=st.floats(-40, 20), seed=st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_a_gain_moves_the_level_by_itself_and_nothing_else(gain_db: float, seed: int) -> None:
    audio = speechlike(3, np.random.default_rng(seed)).astype(np.float64)
    before, after = measure_level(audio), measure_level(audio * 10 ** (gain_db / 20))
    assert after.active - before.active == pytest.approx(gain_db, abs=1e-9)
    assert after.activity == pytest.approx(before.activity, abs=1e-4)


@pytest.mark.parametrize(("background_db", "masked"), [(8, True), (12, True), (22, False), (30, False)])
def test_a_background_that_counts_as_speech_is_reported(background_db: float, masked: bool) -> None:
    level = measure_level(speechlike(10, np.random.default_rng(0), background_db))
    assert (level.active - level.background < 15.9) == masked
    if masked:  # all of it counts as speech, so the active level is no more than the plain one
        assert level.active == pytest.approx(level.rms, abs=0.3)


def test_a_steady_tone_is_all_activity() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE).astype(np.float32)
    level = measure_level(tone)
    assert level.active == pytest.approx(-3.01, abs=0.1)
    assert level.activity > 0.98


@pytest.mark.parametrize("audio", [np.zeros(RATE), np.ones(20), np.eye(1, 3 * RATE, 9)[0]])
def test_what_has_no_level_is_refused(audio: np.ndarray) -> None:
    with pytest.raises(UnreadableAudioError, match="no speech level"):
        measure_level(audio.astype(np.float32))
