"""What goes into a condition and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from bench.audio import Audio
from bench.snr_ladder.levels import Level, measure_level


@dataclass(frozen=True, eq=False)
class Added:
    """Noise or another speaker, as long as the clip, its level in dBov, and where it is from."""

    audio: Audio
    level: float
    sources: Mapping[str, Any]


class Said(NamedTuple):
    """What decides which clips may be heard over which: id, speaker and text, empty where not known."""

    id: str
    speaker: str
    text: str

    def may_be_heard_over(self, other: Said) -> bool:
        """Another speaker who says something else. Nameless clips are speakers of their own."""
        same_text = bool(self.text) and self.text == other.text
        same_speaker = bool(self.speaker) and self.speaker == other.speaker
        return self.id != other.id and not same_speaker and not same_text


@dataclass(frozen=True, eq=False)
class Speech:
    """One clip: its id, who speaks (empty where not known), its 16 kHz samples, and what is said."""

    id: str
    speaker: str
    audio: Audio
    text: str = ""
    _last: dict[Hashable, Added] = field(default_factory=dict, repr=False)

    @property
    def said(self) -> Said:
        return Said(self.id, self.speaker, self.text)

    def once(self, key: Hashable, make: Callable[[], Added]) -> Added:
        """What is added to this clip, unless it was asked for last made anew: rungs share one piece of noise."""
        added = self._last.get(key)
        if added is None:
            added = make()
            self._last.clear()
            self._last[key] = added
        return added

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
