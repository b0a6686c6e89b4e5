"""A share of a run's blocks, for a job array: every job takes its own, and nothing is merged afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bench.errors import BenchError


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `count` shares, from 1: every `count`-th block."""

    number: int
    count: int

    @classmethod
    def of_option(cls, text: str) -> Shard:
        """Such as 3/16. Raises BenchError for anything else."""
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        shard = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.count:
            raise BenchError(f"--shard {text}: must be K/N with K from 1 to N, such as 3/16")
        return shard

    def holds(self, block: int) -> bool:
        """Whether the block of that place, from 0, is this share's."""
        return block % self.count == self.number - 1

    def of_blocks(self, blocks: Iterable[int]) -> list[int]:
        """The numbers of the shares that these blocks belong to, in order."""
        return sorted({block % self.count + 1 for block in blocks})


WHOLE = Shard(1, 1)
