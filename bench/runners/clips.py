"""One block's audio: read, brought under its condition, checked against the window."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError
from bench.corpora import Utterance, read_utterance
from bench.errors import BenchError
from bench.runners.blocks import Block
from bench.snr_ladder import make_condition

READERS = 4
"""Threads that read and decode audio."""


@dataclass(frozen=True)
class Clip:
    """An utterance with the samples that will be decoded, or with none and the reason."""

    utterance: Utterance
    audio: Audio | None
    status: str
    detail: str = ""

    def fits(self, window: int) -> bool:
        """Whether it is no longer than the window, in samples."""
        return self.audio is None or len(self.audio) <= window

    def row(self) -> dict[str, Any]:
        """The columns of a decode row that do not depend on the arm."""
        return {
            "utterance_id": self.utterance.id,
            "speaker_id": self.utterance.speaker,
            "gender": self.utterance.gender,
            "age": self.utterance.age,
            "accent": self.utterance.accent,
            "sentence_id": self.utterance.sentence_id,
            "reference": self.utterance.reference,
            "audio_seconds": 0.0 if self.audio is None else len(self.audio) / SAMPLE_RATE,
            "audio_status": self.status,
            "audio_hash": "" if self.audio is None else _hash_int16(self.audio),
            "detail": self.detail,
        }


def read_ahead(blocks: Iterable[Block]) -> Iterator[list[Clip]]:
    """Each block's clips in order, the next block's being read while the caller works on this one.

    At most two blocks are in memory, whatever the corpus.
    """
    waiting: deque[list[Future[Clip]]] = deque()
    pool = ThreadPoolExecutor(READERS)
    try:
        for block in blocks:
            condition = make_condition(block.condition)
            waiting.append([pool.submit(_read, utterance, condition) for utterance in block.utterances])
            if len(waiting) > 1:
                yield [clip.result() for clip in waiting.popleft()]
        while waiting:
            yield [clip.result() for clip in waiting.popleft()]
    finally:
        pool.shutdown(cancel_futures=True)


def _read(utterance: Utterance, condition: Callable[[Audio], Audio]) -> Clip:
    try:
        return Clip(utterance, condition(read_utterance(utterance)), "ok")
    except UnreadableAudioError as error:
        return Clip(utterance, None, "unreadable", str(error))


def fit_window(clips: Sequence[Clip], window: int, long_clips: str) -> list[Clip]:
    """Clips longer than the window (in samples) refused, cut, or kept whole, as the suite says."""
    return [clip if clip.fits(window) else _fitted(clip, window, long_clips) for clip in clips]


def _fitted(clip: Clip, window: int, long_clips: str) -> Clip:
    if long_clips == "sequential" or clip.audio is None:
        return clip
    if long_clips == "truncate":
        return replace(clip, audio=clip.audio[:window].copy(), status="truncated")
    seconds, limit = len(clip.audio) / SAMPLE_RATE, window / SAMPLE_RATE
    raise BenchError(
        f"{clip.utterance.language} clip {clip.utterance.id} lasts {seconds:.2f} s, the model's window {limit:g} s; "
        'remove it, or set decode.long_clips to "truncate" (cut and counted) or "sequential" (window by window)'
    )


def batches(clips: Sequence[Clip], window: int, size: int) -> list[list[int]]:
    """Indices of the readable clips that fit the window, of similar length together so that a batch ends together."""
    readable = [i for i, clip in enumerate(clips) if clip.audio is not None and clip.fits(window)]
    by_length = sorted(readable, key=lambda i: len(clips[i].audio))  # type: ignore[arg-type]
    return [by_length[start : start + size] for start in range(0, len(by_length), size)]


def _hash_int16(audio: Audio) -> str:
    return sha256(np.round(np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()).hexdigest()
