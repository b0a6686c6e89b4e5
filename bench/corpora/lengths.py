"""Clips that are longer than the models' window, all named before anything is computed of any."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.audio import SAMPLE_RATE, TooLongAudioError, UnreadableAudioError, stated_seconds
from bench.corpora.reading import READERS, read_utterance
from bench.corpora.utterance import Utterance
from bench.errors import BenchError

NAMED = 5
"""Clips, of however many there are."""
ROUNDING = 0.1
"""Seconds that a header may say too little."""


def require_within(window: int, utterances: Sequence[Utterance], way_out: str) -> None:
    """Raises BenchError with the clips that last more than `window` samples at 16 kHz, and the way out.

    Clips that cannot be read are passed over: who reads them says so.
    """
    with ThreadPoolExecutor(READERS) as threads:
        lengths = list(threads.map(partial(_seconds_beyond, window=window), utterances))
    long = [
        f"{utterance.language} clip {utterance.id} ({seconds:.2f} s)"
        for utterance, seconds in zip(utterances, lengths, strict=True)
        if seconds is not None
    ]
    if long:
        more = f" and {len(long) - NAMED:,} more" if len(long) > NAMED else ""
        raise BenchError(
            f"longer than the model's window of {window / SAMPLE_RATE:g} s: {', '.join(long[:NAMED])}{more}, "
            f"{len(long):,} of {len(utterances):,} clips; {way_out}"
        )


def _seconds_beyond(utterance: Utterance, window: int) -> float | None:
    """The seconds of a readable clip that is longer than that.

    Header and corpus say which may be, and those are read to see: encoders pad, and headers err.
    """
    said = max(stated_seconds(utterance.audio_bytes()), utterance.seconds or 0.0)
    if said <= window / SAMPLE_RATE - ROUNDING:
        return None
    try:
        samples = len(read_utterance(utterance))
    except TooLongAudioError as error:
        return error.seconds
    except UnreadableAudioError:
        return None
    return samples / SAMPLE_RATE if samples > window else None
