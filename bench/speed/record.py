"""What a measurement of speed records: seconds of each way on each portion of the clips, and how many texts agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from pydantic import TypeAdapter, ValidationError

from bench.errors import BenchError
from bench.io.files import read_bounded
from bench.io.places import Place

NAME = "speed_ways.json"
"""In a suite's results."""
MOST_BYTES = 16 * 2**20
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

    def beside_first(self, arm: str, way: str) -> float:
        """How many times as long a way takes for the arm alone as for the first one: the median over portions."""
        return median(portion.seconds[way][arm] / portion.seconds[way][self.arms[0]] for portion in self.portions)

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


def read_speed_record(path: Place) -> SpeedRecord | None:
    """None where ways were not timed. Raises BenchError for what is no such record."""
    if not path.exists():
        return None
    try:
        record = TypeAdapter(SpeedRecord).validate_json(read_bounded(path, MOST_BYTES))
    except ValidationError:
        record = None
    if record is None or not _is_whole(record):
        raise BenchError(f"{path} is damaged: it is no record of `bench speed`; run that again, or delete the file")
    return record


def _is_whole(record: SpeedRecord) -> bool:
    """Whether every arm was timed by `generate`, everywhere."""
    timed = [portion.seconds.get(GENERATE, {}) for portion in record.portions]
    return bool(record.arms and timed) and all(seconds.get(arm, 0) > 0 for seconds in timed for arm in record.arms)
