"""What a run still has to do while others may be at it too: block by block, each under a lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from bench.decode_parts import part_key
from bench.runners.blocks import Block
from bench.runners.gaps import Gap, still_missing
from bench.runners.leases import POLL, Leases
from bench.store import Store

SAID_AFTER = 5.0
"""Seconds of waiting until it is said for whom."""


def lease_name(block: Block) -> str:
    """The same in every run of these clips in this cell, whatever arms it decodes."""
    return part_key({"cell": block.cell, "clips": [utterance.id for utterance in block.utterances]})


class Share:
    """Gaps that a run is to close, by the place of their block.

    `advance` is told how many decodes are made, here or by others, and `describe` what is at hand.
    """

    def __init__(
        self,
        gaps: Sequence[Gap],
        blocks: Sequence[Block],
        leases: Leases,
        store: Store,
        advance: Callable[[float], None],
        describe: Callable[[str], None],
    ) -> None:
        self._blocks, self._leases, self._store = blocks, leases, store
        self.advance, self._describe = advance, describe
        self._left: dict[int, list[Gap]] = {}
        for gap in gaps:
            self._left.setdefault(gap.place, []).append(gap)
        self.decoded = 0

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left, for this run or for those that hold a lease."""
        return not self._left

    @property
    def blocks(self) -> int:
        """How many are left."""
        return len(self._left)

    def take(self) -> Iterator[Gap]:
        """Each gap whose block nobody holds: it is this run's from then on. What others have decoded is dropped."""
        for place in list(self._left):
            if not self._leases.take(self._name(place)):
                continue
            before = self._left[place]
            gaps = still_missing(before, self._store.has_part)  # now: who held it may have decoded it just before
            self.advance(sum(gap.decodes for gap in before) - sum(gap.decodes for gap in gaps))
            self._left[place] = list(gaps)
            self._release(place)
            for gap in gaps:
                self._describe(f"decoding {gap.block.cell}")
                yield gap

    def close(self, gap: Gap) -> None:
        """A gap that was taken is decoded and stored."""
        self.decoded += gap.decodes
        self._left[gap.place].remove(gap)
        self._release(gap.place)

    def wait(self, console: Console) -> None:
        """Until another run has done a block, or is no more; says whom for where that takes a while."""
        waited = time.monotonic()
        said = False
        while self._left and not any(self._leases.is_free(self._name(place)) for place in self._left):
            if not said and time.monotonic() - waited > SAID_AFTER:
                said = True
                holders = {self._leases.holder(self._name(place)) for place in self._left} - {None}
                console.print(f"waiting for {', '.join(sorted(map(str, holders)))}", soft_wrap=True, markup=False)
            time.sleep(POLL)

    def _name(self, place: int) -> str:
        return lease_name(self._blocks[place])

    def _release(self, place: int) -> None:
        if not self._left[place]:
            del self._left[place]
            self._leases.give_back(self._name(place))
