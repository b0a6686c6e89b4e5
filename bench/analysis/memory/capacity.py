"""How many clips at once a GPU's memory holds: found by trying, or told from how bytes grow with the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.analysis.memory.breakdown import lines_of
from bench.analysis.memory.headlines import ClipBytes, ok_records
from bench.frames import records as as_rows

GIB = 2**30
LIMITS = (4, 8, 24, 80)
"""GiB, of common GPUs."""


@dataclass(frozen=True)
class Capacity:
    """One arm in one dtype at its most positions: `fixed` bytes and `a_clip` more for every clip.

    `measured`: from the process at two batches, everything included; else weights, caches and encoder states alone, to
    which transients, slack and context come. `found`: the largest batch that fitted the GPU where one more did not.
    """

    arm: str
    control: str | None
    dtype: str
    positions: int
    fixed: float
    a_clip: float
    measured: bool
    found: int | None

    def largest_batch(self, gibibytes: float) -> int:
        """Clips at once within that much memory; 0 where not even one fits."""
        return max(0, int((gibibytes * GIB - self.fixed) // self.a_clip))


def capacities_of(records: pd.DataFrame, clips: Sequence[ClipBytes]) -> list[Capacity]:
    """One an arm and dtype, without beams or with as few as were measured."""
    return [_capacity(records[(records["arm"] == clip.arm) & (records["dtype"] == clip.dtype)], clip) for clip in clips]


def _capacity(of_arm: pd.DataFrame, clip: ClipBytes) -> Capacity:
    of_arm = of_arm[of_arm["beams"] == of_arm["beams"].min()]
    positions, beams = int(of_arm["positions"].max()), int(of_arm["beams"].min())
    longest = of_arm[of_arm["positions"] == positions].sort_values("batch")
    about = (clip.arm, clip.control, clip.dtype, positions)
    found = _found(longest)
    sizes = [(row["batch"], lines_of(row).process) for row in as_rows(ok_records(longest))]
    known = [(batch, process) for batch, process in sizes if process is not None]
    if len(known) > 1:
        (low, small), (high, large) = known[0], known[-1]
        if large > small:
            a_clip = (large - small) / (high - low)
            return Capacity(*about, small - a_clip * low, a_clip, True, found)
    a_clip = (clip.own_a_position * positions + clip.cross + clip.states) * beams
    return Capacity(*about, clip.weights, a_clip, False, found)


def _found(longest: pd.DataFrame) -> int | None:
    """Where the batches that fitted and those that did not meet."""
    fitted, failed = ok_records(longest)["batch"], longest.loc[longest["outcome"] != "ok", "batch"]
    largest = 0 if fitted.empty else int(fitted.max())
    return largest if len(failed) and int(failed.min()) == largest + 1 else None
