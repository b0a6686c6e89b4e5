"""Caches that hold something else than their config claims."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.analysis.memory.headlines import ok_records
from bench.frames import records as as_rows

CACHES = {"own": "self-attention", "cross": "cross-attention"}


@dataclass(frozen=True)
class Contradiction:
    """Bytes of one cache of one arm, `held` and `claimed`, under the load where they differ most."""

    arm: str
    dtype: str
    cache: str
    held: int
    claimed: int
    load: tuple[int, int, int]


def contradictions_of(records: pd.DataFrame) -> list[Contradiction]:
    """Of every load that fitted, one an arm, dtype and cache; where a config claims nothing there is none."""
    worst: dict[tuple[str, str, str], Contradiction] = {}
    for row in as_rows(ok_records(records)):
        for cache, name in CACHES.items():
            held, claimed = row[cache], row[f"{cache}_claimed"]
            if pd.isna(claimed) or held == claimed:
                continue
            load = (int(row["batch"]), int(row["beams"]), int(row["positions"]))
            found = Contradiction(row["arm"], row["dtype"], name, int(held), int(claimed), load)
            known = worst.get((found.arm, found.dtype, name))
            if known is None or abs(found.held - found.claimed) > abs(known.held - known.claimed):
                worst[found.arm, found.dtype, name] = found
    return list(worst.values())
