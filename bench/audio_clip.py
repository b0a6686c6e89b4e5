"""A clip that people can play, between the runner that encodes it and the page that keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AudioClip:
    """One utterance as the arms heard it under a condition; `mp3` is the encoded audio."""

    language: str
    condition: str
    utterance_id: str
    mp3: bytes
