"""What noise is made of: the fixed pool of a language's clips, and folders of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin2, welch

from bench.audio import SAMPLE_RATE, UnreadableAudioError
from bench.errors import BenchError
from bench.snr_ladder.speech import Speech

POOL = 64
"""Clips of the pool: the first of the split by hash, whatever part of it is decoded."""
BINS = 512
"""Samples of the windows that the long-term spectrum is averaged over: 31 Hz a bin."""


@dataclass(frozen=True, eq=False)
class Material:
    """One language's pool, by name. Clips that have no speech level are not in it."""

    name: str
    pool: tuple[Speech, ...]

    @classmethod
    def of(cls, name: str, clips: Sequence[Speech]) -> Material:
        return cls(name, tuple(clip for clip in clips if _has_level(clip)))

    def others(self, speech: Speech) -> list[Speech]:
        """One clip of every speaker of the pool who is not this one and says something else."""
        first: dict[str, Speech] = {}
        for clip in self.pool:
            if clip.said.may_be_heard_over(speech.said):
                first.setdefault(clip.speaker or f"\0{clip.id}", clip)
        return list(first.values())

    @cached_property
    def spectrum_filter(self) -> npt.NDArray[np.float64]:
        """Taps that give white noise the pool's long-term spectrum."""
        loud_enough = [clip for clip in self.pool if len(clip.audio) >= BINS]
        if not loud_enough:
            raise BenchError(f"speech-shaped noise for {self.name}: no clip of the pool is readable; mend the corpus")
        spectra = [
            welch(clip.audio * 10 ** (-clip.level.active / 20), SAMPLE_RATE, nperseg=BINS)[1] for clip in loud_enough
        ]
        magnitude = np.sqrt(np.mean(spectra, axis=0))
        taps = firwin2(BINS + 1, np.linspace(0, 1, len(magnitude)), magnitude / magnitude.max())
        return np.asarray(taps)


def _has_level(clip: Speech) -> bool:
    try:
        return bool(np.isfinite(clip.level.active))
    except UnreadableAudioError:
        return False
