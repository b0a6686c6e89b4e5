"""One block's audio: read, brought under its condition, checked against the window."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio, UnreadableAudioError, read_audio
from bench.corpora import Utterance
from bench.errors import BenchError
from bench.runners.blocks import Block
from bench.snr_ladder import make_condition
from bench.suite import DecodeSpec


@dataclass(frozen=True)
class Clip:
    """An utterance with the samples that will be decoded, or with none and the reason."""

    utterance: Utterance
    audio: Audio | None
    status: str
    detail: str = ""

    def row(self) -> dict[str, Any]:
        """The columns of a decode row that do not depend on the arm."""
        return {
            "utterance_id": self.utterance.id,
            "speaker_id": self.utterance.speaker,
            "gender": self.utterance.gender,
            "age": self.utterance.age,
            "accent": self.utterance.accent,
            "reference": self.utterance.reference,
            "audio_seconds": 0.0 if self.audio is None else len(self.audio) / SAMPLE_RATE,
            "audio_status": self.status,
            "audio_hash": "" if self.audio is None else _hash_int16(self.audio),
            "detail": self.detail,
        }


def read_clips(block: Block, window: int, long_clips: str) -> list[Clip]:
    """The block's clips in order. `window` is in samples; longer clips are refused or cut, as the suite says."""
    condition = make_condition(block.condition)
    clips = []
    for utterance in block.utterances:
        try:
            audio = condition(read_audio(utterance.audio_bytes()))
        except UnreadableAudioError as error:
            clips.append(Clip(utterance, None, "unreadable", str(error)))
            continue
        status = "ok"
        if len(audio) > window:
            audio, status = _cut(utterance, audio, window, long_clips), "truncated"
        clips.append(Clip(utterance, audio, status))
    return clips


def _cut(utterance: Utterance, audio: Audio, window: int, long_clips: str) -> Audio:
    if long_clips == "refuse":
        seconds, limit = len(audio) / SAMPLE_RATE, window / SAMPLE_RATE
        raise BenchError(
            f"{utterance.language} clip {utterance.id} lasts {seconds:.2f} s, the model's window {limit:g} s; "
            'remove it, or set decode.long_clips = "truncate" to cut and count such clips'
        )
    return audio[:window]


def batches(clips: list[Clip], decode: DecodeSpec) -> list[list[int]]:
    """Indices of the readable clips, of similar length together so that a batch ends together."""
    readable = [i for i, clip in enumerate(clips) if clip.audio is not None]
    by_length = sorted(readable, key=lambda i: len(clips[i].audio))  # type: ignore[arg-type]
    return [by_length[start : start + decode.batch] for start in range(0, len(by_length), decode.batch)]


def _hash_int16(audio: Audio) -> str:
    return sha256(np.round(np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()).hexdigest()
