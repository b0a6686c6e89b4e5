"""A telephone line: level, band, sampling rate and codec of G.711."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError
from bench.snr_ladder.mixing import without_clipping
from bench.snr_ladder.speech import Degraded, Speech

LEVEL = -26.0
"""Active speech level at the codec's input, dBov (ITU-T P.56, P.830)."""
LOWEST, HIGHEST = 300.0, 3400.0
ROLLOFF = 24
"""dB an octave."""
LINE_RATE = 8_000
SUBTYPES = {"mu-law": "ULAW", "A-law": "ALAW"}


def telephone(speech: Speech, codec: str) -> Degraded:
    """Speech at -26 dBov, 300 to 3400 Hz, at 8 kHz through G.711 and back at 16 kHz."""
    band, down, up = _transforms()
    gain_db = LEVEL - speech.level.active
    levelled = np.asarray(speech.audio * 10 ** (gain_db / 20), dtype=np.float32)
    narrow = down(band(levelled, SAMPLE_RATE), SAMPLE_RATE)
    if not len(narrow):
        raise UnreadableAudioError(f"too short for a line of {LINE_RATE} Hz")
    sent, clipping_db = without_clipping(narrow)
    received, peak_db = without_clipping(up(_g711(sent, codec), LINE_RATE))
    audio = received[: len(speech.audio)]
    return Degraded(audio, None, gain_db + clipping_db + peak_db, speech.level, ({"codec": codec},))


def _g711(audio: Audio, codec: str) -> Audio:
    import soundfile

    with io.BytesIO() as file:
        soundfile.write(file, audio, LINE_RATE, format="WAV", subtype=SUBTYPES[codec])
        file.seek(0)
        return np.asarray(soundfile.read(file, dtype="float32")[0])


@lru_cache
def _transforms() -> tuple[Any, Any, Any]:
    """Band-pass, down- and upsampling, with nothing left to chance."""
    from audiomentations import BandPassFilter, Resample

    band = BandPassFilter(p=1.0)
    centre, width = (LOWEST + HIGHEST) / 2, HIGHEST - LOWEST
    band.parameters = {"should_apply": True, "center_freq": centre, "bandwidth": width, "rolloff": ROLLOFF}
    down, up = Resample(p=1.0), Resample(p=1.0)
    down.parameters = {"should_apply": True, "target_sample_rate": LINE_RATE}
    up.parameters = {"should_apply": True, "target_sample_rate": SAMPLE_RATE}
    for transform in (band, down, up):
        transform.freeze_parameters()
    return band, down, up
