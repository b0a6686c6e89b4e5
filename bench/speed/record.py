"""What a measurement of speed records: seconds of each way on each portion of the clips, and how many texts agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

BENCH, GENERATE, PIPELINE, FASTER = "bench run", "generate", "pipeline", "faster-whisper"
"""All arms together, as a run decodes them; each arm alone by its `generate`, and by transformers' pipeline; the first
arm's audio by faster-whisper.
"""


@dataclass(frozen=True)
class Portion:
    """Clips that every way decoded one after the other. `seconds`: by way, then by arm or, of `bench run`, by step."""

    clips: int
    audio_seconds: float
    seconds: Mapping[str, Mapping[str, float]]

    def of(self, way: str) -> float:
        return sum(self.seconds[way].values())


@dataclass(frozen=True)
class SpeedRecord:
    """`equal`: clips of which a way says what `bench run` says, by way and arm; `again`: batches of an arm in which two
    logits were so close that `generate` decided; `searched`: batches that were decoded by our own search.
    """

    suite: str
    arms: tuple[str, ...]
    device: str
    threads: int
    batch: int
    versions: Mapping[str, str]
    portions: tuple[Portion, ...]
    equal: Mapping[str, Mapping[str, int]]
    searched: Mapping[str, int]
    again: Mapping[str, int]

    @property
    def clips(self) -> int:
        return sum(portion.clips for portion in self.portions)

    def ratio(self, way: str) -> float:
        """How many times as long it takes as `bench run`: the median over portions."""
        return median(portion.of(way) / portion.of(BENCH) for portion in self.portions)

    def first_alone(self, way: str) -> float:
        """How many times as long a way takes for the first arm as `bench run` without the others: the median."""
        shared = set(self.steps) - set(self.arms)
        first = self.arms[0]
        return median(
            portion.seconds[way][first] / sum(portion.seconds[BENCH][step] for step in (*shared, first))
            for portion in self.portions
        )

    def further(self, arm: str, way: str) -> float:
        """What the arm adds to `bench run`, as a share of what the way takes for it alone: the median over portions."""
        return median(portion.seconds[BENCH][arm] / portion.seconds[way][arm] for portion in self.portions)

    def share(self, step: str) -> float:
        """Of the time of `bench run`, over all portions."""
        return sum(portion.seconds[BENCH][step] for portion in self.portions) / sum(
            portion.of(BENCH) for portion in self.portions
        )

    @property
    def steps(self) -> Sequence[str]:
        """Of `bench run`."""
        return tuple(self.portions[0].seconds[BENCH])

    @property
    def ways(self) -> Sequence[str]:
        """The others that decode every arm."""
        return tuple(way for way in self.portions[0].seconds if way not in (BENCH, FASTER))

    @property
    def has_foreign(self) -> bool:
        """Whether faster-whisper was timed."""
        return FASTER in self.portions[0].seconds

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
