"""What goes into a condition and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench.audio import Audio
from bench.snr_ladder.levels import Level, measure_level


@dataclass(frozen=True, eq=False)
class Speech:
    """One clip: its id, who speaks (empty where not known), its 16 kHz samples, and what is said."""

    id: str
    speaker: str
    audio: Audio
    text: str = ""

    @cached_property
    def level(self) -> Level:
        """Measured once, whatever the number of rungs."""
        return measure_level(self.audio)


@dataclass(frozen=True, eq=False)
class Degraded:
    """The audio that a condition made.

    `snr_db` is the ratio that was achieved, of speech (or of what came out of the step before) to the noise or speaker
    added last, None where nothing was added; `gain_db` what the whole was scaled by; `level` of the clip itself, None
    where none was measured; `sources`, a step each, what it was made of.
    """

    audio: Audio
    snr_db: float | None = None
    gain_db: float = 0.0
    level: Level | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
