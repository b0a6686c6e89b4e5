"""Clips that are longer than the models' window, all named before any is decoded."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.audio import SAMPLE_RATE, TooLongAudioError, UnreadableAudioError, stated_seconds
from bench.corpora import Corpus, Utterance, read_utterance
from bench.errors import BenchError
from bench.runners.conditions import READERS
from bench.runners.recognisers import Source, window_of
from bench.suite import DecodeSpec

NAMED = 5
"""Clips, of however many there are."""
ROUNDING = 0.1
"""Seconds that a header may say too little."""


def require_fitting(decode: DecodeSpec, corpus: Corpus, sources: Sequence[Source]) -> None:
    """Raises BenchError where clips are longer than the shortest window of the arms, and the suite refuses such clips.

    Of the clips themselves: what a condition makes longer is cut.
    """
    windows = [window for source in sources if (window := window_of(source)) is not None]
    if decode.long_clips != "refuse" or not windows:
        return
    window = min(windows)
    utterances = [utterance for clips in corpus.utterances.values() for utterance in clips]
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
            f"{len(long):,} of {len(utterances):,} clips; remove them, or set decode.long_clips to "
            '"truncate" (cut and counted) or "sequential" (window by window)'
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
