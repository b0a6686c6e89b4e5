"""One block's audio: read, brought under its condition, checked against the window."""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError
from bench.corpora import READERS, Utterance
from bench.errors import BenchError
from bench.runners.blocks import Block
from bench.runners.conditions import Conditions
from bench.snr_ladder import Degraded, Speech


@dataclass(frozen=True)
class Clip:
    """An utterance with the samples that will be decoded, or with none and the reason.

    `made`: how its condition made them; `samples`: how many the clip itself has.
    """

    utterance: Utterance
    audio: Audio | None
    status: str
    samples: int = 0
    made: Degraded | None = None
    reason: str = ""

    def fits(self, window: int) -> bool:
        """Whether it is no longer than the window, in samples."""
        return self.audio is None or len(self.audio) <= window

    @cached_property
    def columns(self) -> dict[str, Any]:
        """Of a decode row, those that do not depend on the arm."""
        return {
            "utterance_id": self.utterance.id,
            "audio_seconds": 0.0 if self.audio is None else len(self.audio) / SAMPLE_RATE,
            "audio_status": self.status,
            "audio_hash": "" if self.audio is None else hash_int16(self.audio),
            **self._made(),
        }

    def _made(self) -> dict[str, Any]:
        """What its condition did to the audio."""
        if self.made is None:
            return {"detail": self.reason}
        level, sources = self.made.level, self.made.sources
        return {
            "snr_db": self.made.snr_db,
            "gain_db": self.made.gain_db,
            "speech_db": level.active if level else None,
            "background_db": level.background if level else None,
            "detail": json.dumps(sources, ensure_ascii=False) if any(sources) else "",
        }


def read_ahead(blocks: Iterable[Block], conditions: Conditions) -> Iterator[list[Clip]]:
    """Each block's clips in order, the next block's being made while the caller works on this one.

    A clip is read once for all conditions that follow one another. At most two blocks are in memory, and what two were
    made from, whatever the corpus.
    """
    read: list[Future[Speech]] = []
    utterances: tuple[Utterance, ...] | None = None
    waiting: deque[list[Future[Clip]]] = deque()
    pool = ThreadPoolExecutor(READERS)
    try:
        for block in blocks:
            if block.utterances is not utterances:
                utterances = block.utterances
                read = [pool.submit(conditions.read, utterance) for utterance in utterances]
            waiting.append(
                [pool.submit(_make, *pair, block, conditions) for pair in zip(utterances, read, strict=True)]
            )
            if len(waiting) > 1:
                yield [clip.result() for clip in waiting.popleft()]
        while waiting:
            yield [clip.result() for clip in waiting.popleft()]
    finally:
        pool.shutdown(cancel_futures=True)


def _make(utterance: Utterance, read: Future[Speech], block: Block, conditions: Conditions) -> Clip:
    """Waits for the clip to be read: that was begun before, so that the threads cannot all be waiting."""
    try:
        speech = read.result()
        made = conditions.apply(block.condition, block.language, speech)
    except UnreadableAudioError as error:
        return Clip(utterance, None, "unreadable", reason=str(error))
    return Clip(utterance, made.audio, "ok", len(speech.audio), made)


def fit_window(clips: Sequence[Clip], window: int, long_clips: str) -> list[Clip]:
    """Clips longer than the window (in samples) refused, cut, or kept whole, as the suite says.

    What only a condition made longer (by reverberation) is cut, and counted as truncated, whatever the suite says.
    """
    return [clip if clip.fits(window) else _fitted(clip, window, long_clips) for clip in clips]


def _fitted(clip: Clip, window: int, long_clips: str) -> Clip:
    grown = clip.samples <= window
    if clip.audio is None or (long_clips == "sequential" and not grown):
        return clip
    if grown or long_clips == "truncate":
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


def hash_int16(audio: Audio) -> str:
    """SHA-256 of the samples as 16-bit integers."""
    return sha256(np.round(np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()).hexdigest()
