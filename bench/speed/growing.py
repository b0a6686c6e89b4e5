"""How cost grows with clips and with arms: the same batch again and again, and one arm more on it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

from bench.errors import BenchError
from bench.runners.search import Searcher
from bench.speed.growth import Cost, Growth
from bench.speed.measuring import load_searchers, read_batches
from bench.speed.ways import Clock, decode_together
from bench.suite import Suite

TIMES = (1, 4, 16)
ARMS = (1, 2, 4, 8)
MIB = 2**20 if sys.platform == "darwin" else 2**10
"""In the units that the system counts a program's memory in: bytes on macOS, else KiB."""


def measure_growth(suite: Suite, done: Callable[[int, int], None]) -> Growth:
    """`done` is told how many batches are decoded, and of how many. Raises BenchError as `measure_speed`."""
    arms = [searcher.arm for searcher in load_searchers(suite)]
    first = next(read_batches(suite, arms[0], suite.decode.batch), None)
    if first is None:
        raise BenchError(f"suite {suite.name}: no clip fits the window, so nothing can be timed; take shorter clips")
    language, clips = first
    pair, counts = arms[:2], [count for count in ARMS if count <= len(arms)]
    plans = [(pair, times) for times in TIMES] + [(arms[:count], 1) for count in counts]
    of, costs = sum(times for _, times in plans), list[Cost]()
    decode_together([Searcher(arm) for arm in arms], clips, language, Clock(arms[0].model.device.type == "cuda"))
    for chosen, times in plans:
        searchers, clock = [Searcher(arm) for arm in chosen], Clock(arms[0].model.device.type == "cuda")
        before = sum(cost.clips // len(clips) for cost in costs)
        for turn in range(times):
            decode_together(searchers, clips, language, clock)
            done(before + turn + 1, of)
        costs.append(Cost(times * len(clips), len(chosen), sum(clock.seconds.values()), _peak()))
    return Growth(suite.name, suite.decode.batch, tuple(costs[: len(TIMES)]), tuple(costs[len(TIMES) :]))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
