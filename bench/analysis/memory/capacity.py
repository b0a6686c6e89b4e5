"""How many clips at once a GPU's memory holds: found by trying, or told from how bytes grow with the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.memory.breakdown import fitted_lines
from bench.analysis.memory.headlines import ClipBytes
from bench.memory_records import OK, MemoryRecord

GIB = 2**30
LIMITS = (4, 8, 24, 80)
"""GiB, of common GPUs."""


@dataclass(frozen=True)
class Capacity:
    """One arm in one dtype at its most positions: `fixed` bytes and `a_clip` more for every clip.

    `measured`: from the process at two batches, everything included; else weights, caches and encoder states alone, to
    which transients, slack and context come. `largest_tried`: the largest batch that fitted the GPU where one more did
    not.
    """

    arm: str
    control: str | None
    dtype: str
    positions: int
    fixed: float
    a_clip: float
    measured: bool
    largest_tried: int | None

    def largest_batch(self, gibibytes: float) -> int:
        """Clips at once within that much memory; 0 where not even one fits."""
        return max(0, int((gibibytes * GIB - self.fixed) // self.a_clip))


def capacities_of(records: Sequence[MemoryRecord], clips: Sequence[ClipBytes]) -> list[Capacity]:
    """The capacity of every arm and dtype, without beams or with as few as were measured."""
    return [
        _capacity([record for record in records if (record.arm, record.dtype) == (clip.arm, clip.dtype)], clip)
        for clip in clips
    ]


def _capacity(of_arm: Sequence[MemoryRecord], clip: ClipBytes) -> Capacity:
    beams = min(record.load.beams for record in of_arm)
    positions = max(record.load.positions for record in of_arm if record.load.beams == beams)
    longest = [record for record in of_arm if (record.load.beams, record.load.positions) == (beams, positions)]
    measured = _growth(longest)
    fixed, a_clip = measured or (clip.weights, clip.beside_weights(positions) * beams)
    return Capacity(
        arm=clip.arm,
        control=clip.control,
        dtype=clip.dtype,
        positions=positions,
        fixed=fixed,
        a_clip=a_clip,
        measured=measured is not None,
        largest_tried=_largest_tried(longest),
    )


def _growth(longest: Sequence[MemoryRecord]) -> tuple[float, float] | None:
    """Bytes of the process without clips and for each, from its smallest and its largest batch that fitted.

    None where it is known at one batch at most, or does not grow.
    """
    sizes = [(record.load.batch, lines.process) for record, lines in fitted_lines(longest) if lines.process is not None]
    if len(sizes) < 2:
        return None
    (low, small), (high, large) = min(sizes), max(sizes)
    a_clip = (large - small) / (high - low)
    return (small - a_clip * low, a_clip) if large > small else None


def _largest_tried(longest: Sequence[MemoryRecord]) -> int | None:
    """The largest batch that fitted, where that of one more did not; None where nobody tried the next."""
    fitted = max((record.load.batch for record in longest if record.outcome == OK), default=0)
    failed = min((record.load.batch for record in longest if record.outcome != OK), default=None)
    return fitted if failed == fitted + 1 else None
