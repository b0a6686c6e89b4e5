"""How many clips at once a GPU's memory holds: found by trying, or told from how bytes grow with the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.memory.headlines import ClipBytes, ok_records

GIB = 2**30
LIMITS = (4, 8, 24, 80)
"""GiB, of common GPUs."""


@dataclass(frozen=True)
class Capacity:
    """One arm in one dtype at its most positions: `fixed` bytes and `a_clip` more for every clip.

    `measured`: from what the driver said of the process at two batches, everything included; else weights, caches and
    encoder states alone, to which transients, slack and context come. `found`: the largest batch that fitted the GPU
    where a larger one did not.
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
    positions = int(ok_records(of_arm)["positions"].max())
    longest = of_arm[of_arm["positions"] == positions].sort_values("batch")
    fitted, failed = ok_records(longest), longest[longest["outcome"] != "ok"]
    found = int(fitted["batch"].max()) if len(failed) else None
    about = (clip.arm, clip.control, clip.dtype, positions)
    if len(fitted) > 1 and fitted["process"].notna().all():
        (low, small), (high, large) = fitted[["batch", "process"]].iloc[[0, -1]].to_numpy()
        a_clip = (large - small) / (high - low)
        if a_clip > 0:
            return Capacity(*about, small - a_clip * low, a_clip, True, found)
    a_clip = clip.own_a_position * positions + clip.cross + clip.states
    return Capacity(*about, clip.weights, a_clip * int(of_arm["beams"].min()), False, found)
