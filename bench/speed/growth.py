"""How cost grows with clips and with arms, as it is recorded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Cost:
    """Of that many clips by that many arms. `peak_mib`: the most memory that the program had held until then."""

    clips: int
    arms: int
    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Growth:
    """`clips`: by the first two arms (one where there is no other), the same batch over and over; `arms`: one batch."""

    suite: str
    batch: int
    clips: tuple[Cost, ...]
    arms: tuple[Cost, ...]

    def of_linear(self, cost: Cost) -> float:
        """Seconds, in parts of as many times those of the fewest clips."""
        first = self.clips[0]
        return cost.seconds / first.seconds * first.clips / cost.clips

    def of_one(self, cost: Cost) -> float:
        """Seconds, in parts of one arm's."""
        return cost.seconds / self.arms[0].seconds

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"
