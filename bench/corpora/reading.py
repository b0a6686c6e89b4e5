"""An utterance's audio, checked against what its corpus says of it."""

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError, read_audio
from bench.corpora.utterance import Utterance

WHOLE = 0.9
"""Of the length that the corpus states: a clip that decodes to less was cut short."""


def read_utterance(utterance: Utterance) -> Audio:
    """Mono float32 at 16 kHz.

    Raises UnreadableAudioError for a clip that is empty, damaged or cut short; a lossy file that lost its end decodes
    without complaint, and would otherwise count as the models' deletions. Raises BenchError where the file is missing.
    """
    audio = read_audio(utterance.audio_bytes())
    seconds = len(audio) / SAMPLE_RATE
    if utterance.seconds is not None and seconds < WHOLE * utterance.seconds:
        raise UnreadableAudioError(f"cut short: {seconds:.1f} s of {utterance.seconds:.1f}")
    return audio
