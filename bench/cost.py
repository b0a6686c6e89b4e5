"""What decoding costs: decodes by multiplication, time and disk by what one was seen to take."""

from __future__ import annotations

from dataclasses import dataclass, replace

BYTES_PER_DECODE = 400
"""The bytes of a decode in Parquet, roughly, where nothing has been decoded yet."""
DRIVER_BYTES = 2_500
"""The bytes that the process which starts a run holds a clip, of two arms under one condition (results/scale)."""


@dataclass(frozen=True)
class Speed:
    """What the last run took that decoded something, of one worker."""

    decodes: float
    seconds: float

    @property
    def each(self) -> float:
        return self.seconds / self.decodes


@dataclass(frozen=True)
class Cost:
    """Of `clips` in all languages together, under each of the conditions, by each of the arms. `speed`: None before a
    first run.
    """

    clips: int
    languages: int
    conditions: int
    arms: int
    bytes_each: float
    speed: Speed | None

    @property
    def decodes(self) -> int:
        return self.clips * self.conditions * self.arms

    @property
    def seconds(self) -> float | None:
        """Of one worker."""
        return None if self.speed is None else self.decodes * self.speed.each

    @property
    def bytes(self) -> float:
        """On disk."""
        return self.decodes * self.bytes_each

    @property
    def driver_bytes(self) -> int:
        """Of memory, in the process that plans the run."""
        return self.clips * DRIVER_BYTES

    def at_scale(self) -> Cost:
        """Of the same arms over a million clips in each of 24 languages under 8 conditions."""
        return replace(self, clips=24_000_000, languages=24, conditions=8)
