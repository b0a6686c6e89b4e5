"""An utterance's audio, checked against what its corpus says of it."""

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError, read_audio
from bench.corpora.utterance import Utterance

READERS = 4
"""Threads that read and decode audio."""
WHOLE, PADDING = 0.9, 0.1
"""A clip that decodes to less than this share of the stated length, less this many seconds, was cut short. Lengths
counted in mp3 frames include the encoder's padding, which a decoder trims."""


def read_utterance(utterance: Utterance) -> Audio:
    """Mono float32 at 16 kHz.

    Raises UnreadableAudioError for a clip that is empty, damaged or cut short; a lossy file that lost its end decodes
    without complaint, and would otherwise count as the models' deletions. Raises BenchError where the file is missing.
    """
    audio = read_audio(utterance.audio_bytes(), utterance.segment)
    seconds = len(audio) / SAMPLE_RATE
    if utterance.seconds is not None and seconds < WHOLE * utterance.seconds - PADDING:
        raise UnreadableAudioError(f"cut short: {seconds:.1f} s of {utterance.seconds:.1f}")
    return audio
