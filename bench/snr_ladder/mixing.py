"""Speech and noise at a stated ratio, scaled together where the sum would clip."""

import numpy as np

from bench.audio import Audio, UnreadableAudioError
from bench.snr_ladder.levels import rms_level
from bench.snr_ladder.speech import Added, Degraded, Speech
from bench.suite import Condition


def mix(condition: Condition, speech: Speech, added: Added) -> Degraded:
    """Adds it at the condition's `snr_db` below the speech.

    Speech counts at its active level, or at its plain one if the condition says `rms`. What is added is scaled, the
    speech is not, unless the sum would leave [-1, 1]: then both are, by `gain_db`.
    """
    assert condition.snr_db is not None
    level = speech.level
    speech_db = level.rms if condition.level == "rms" else level.active
    noise_gain_db = speech_db - condition.snr_db - added.level
    scaled = added.audio * np.float32(10 ** (noise_gain_db / 20))
    audio, gain_db = without_clipping(speech.audio + scaled)
    achieved = speech_db - (added.level + rms_level(scaled) - rms_level(added.audio))
    return Degraded(audio, achieved, gain_db, level, ({**added.sources, "noise_gain_db": round(noise_gain_db, 2)},))


def without_clipping(audio: Audio) -> tuple[Audio, float]:
    """Scaled to a peak of 1 if it exceeds that, and by how many dB. Raises UnreadableAudioError for no numbers."""
    peak = float(np.abs(audio).max()) if len(audio) else 0.0
    if not np.isfinite(peak):
        raise UnreadableAudioError("samples that are not numbers")
    if peak <= 1:
        return audio, 0.0
    return np.asarray(audio / np.float32(peak), dtype=np.float32), -20 * float(np.log10(peak))
