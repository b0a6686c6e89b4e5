"""Caches that hold something else than their config claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.memory_records import Load, MemoryRecord


@dataclass(frozen=True)
class Contradiction:
    """Bytes of one cache of one arm, `held` and `claimed`, under the load where they differ most."""

    arm: str
    dtype: str
    cache: str
    held: int
    claimed: int
    load: Load

    @property
    def size(self) -> int:
        """The difference in bytes, in either direction."""
        return abs(self.held - self.claimed)


def contradictions_of(records: Iterable[MemoryRecord]) -> list[Contradiction]:
    """The largest contradiction of every arm, dtype and cache; none where a config claims nothing or is right."""
    worst: dict[tuple[str, str, str], Contradiction] = {}
    for record in records:
        for contradiction in _contradictions(record):
            key = (contradiction.arm, contradiction.dtype, contradiction.cache)
            worst[key] = max(worst.get(key, contradiction), contradiction, key=lambda either: either.size)
    return list(worst.values())


def _contradictions(record: MemoryRecord) -> Iterator[Contradiction]:
    measured = record.measured
    if measured is None:
        return
    for cache, held, claimed in (
        ("self-attention", measured.own, measured.own_claimed),
        ("cross-attention", measured.cross, measured.cross_claimed),
    ):
        if claimed is not None and held != claimed:
            yield Contradiction(record.arm, record.dtype, cache, held, claimed, record.load)
