"""What may be said of a smaller cache in three figures: of which cache, at which transcript, of how much in all."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Transcripts:
    """Cached text positions at the median and the 99th percentile of a corpus's transcripts, the prompt among them."""

    median: int
    longest: int


@dataclass(frozen=True)
class Headline:
    """One arm beside its control, bytes of one clip without beams. `peak`: of the process on a GPU, else None.

    `contradiction`: by how many bytes a clip the live caches exceed what the config claims (below 0: less).
    """

    arm: str
    control: str | None
    own_a_position: float
    cross: float
    states: int
    weights: int
    peak: int | None
    contradiction: float

    def decode_cache(self, positions: int) -> float:
        """All that attention reads at a step; encoder states only where nothing else is kept of the audio."""
        return self.own_a_position * positions + (self.cross or self.states)


def headlines_of(records: pd.DataFrame) -> list[Headline]:
    """One an arm, from its largest load that fitted: caches grow in proportion to rows and positions."""
    found = []
    for arm, rows in records[records["outcome"] == "ok"].groupby("arm", sort=False):
        row: dict[Hashable, Any] = rows.sort_values(["positions", "batch", "beams"]).iloc[-1].to_dict()
        clips = row["batch"] * row["beams"]
        excess = row["own"] - row["own_claimed"] + row["cross"] - row["cross_claimed"]
        found.append(
            Headline(
                str(arm),
                row["control"],
                row["own"] / clips / row["positions"],
                row["cross"] / clips,
                int(row["states"] / clips),
                int(row["weights"]),
                None if pd.isna(row["process"]) else int(row["process"]),
                excess / clips,
            )
        )
    return found
