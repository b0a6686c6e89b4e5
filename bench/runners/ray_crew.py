"""The workers of a run on a Ray cluster: started where there is room, given blocks, replaced when they die.

Decodes go from workers to the store, never through here. A worker that dies, alone or with its machine, is replaced
where there is room, and what it had in hand is given to another; parts that it had written are not made again.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from bench.errors import BenchError
from bench.runners.gaps import Gap
from bench.runners.job import Job
from bench.runners.ray_cluster import load_ray
from bench.runners.ray_worker import Order, Worker
from bench.runners.share import Share

TRIES = 3
"""Workers that a block may cost until it is given up."""
POLL = 1.0
"""Seconds between two looks at the cluster, while no block is done."""
LONG = 30.0
"""Seconds without any worker until that is said."""


@dataclass
class _Hand:
    """What a worker is at: gaps that it has not closed yet."""

    worker: Any
    gaps: list[Gap]
    closed: int = 0
    since: float = field(default_factory=time.monotonic)


class Crew:
    """The workers of a run, and what each is at."""

    def __init__(self, job: Job, share: Share, order: Order, needs: Mapping[str, int]) -> None:
        """`order` is what each worker loads; `needs` says how much of a machine's resources each takes."""
        self._job, self._share, self._ray = job, share, load_ray()
        self._order, self._needs = self._ray.put(order), needs
        self._together = len({id(gap.block.utterances) for gap in job.missing}) >= 2 * max(1, self._room())
        self._units = self._cut()
        self._again: deque[list[Gap]] = deque()
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, _Hand] = {}
        self._deaths: Counter[int] = Counter()
        self._stillborn = 0
        self._seconds = 0.0
        self._said: set[str] = set()
        self._alive = time.monotonic()

    def work(self) -> tuple[int, float]:
        """Until every gap is closed."""
        while not self._share.is_done:
            self._fill_up()
            self._hand_out()
            if self._idle and not self._busy:  # other runs have the rest
                self._share.wait(self._job.console)
                self._units = self._cut()
            else:
                self._look()
        return self._share.decoded, self._seconds

    def _cut(self) -> Iterator[list[Gap]]:
        """Blocks of the same clips together, so that a worker reads these once; one by one where there are few."""
        numbered = enumerate(self._share.take())
        for _, unit in groupby(numbered, lambda pair: id(pair[1].block.utterances) if self._together else pair[0]):
            yield [gap for _, gap in unit]

    def _room(self) -> int:
        """The workers that the cluster's machines hold, as they are now."""
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        return sum(min(int(node.get(name, 0) // need) for name, need in self._needs.items()) for node in nodes)

    def _fill_up(self) -> None:
        wanted = min(self._room(), self._share.blocks)
        for _ in range(wanted - len(self._starting) - len(self._idle) - len(self._busy)):
            options = {"num_cpus": self._needs["CPU"], "num_gpus": self._needs.get("GPU", 0)}
            worker = self._ray.remote(Worker).options(**options, max_restarts=0, max_task_retries=0).remote()
            self._starting[worker.load.remote(self._order)] = worker

    def _hand_out(self) -> None:
        while self._idle:
            unit = self._again.popleft() if self._again else next(self._units, None)
            if unit is None:
                return
            worker = self._idle.pop()
            self._busy[worker.decode.options(num_returns="streaming").remote(unit)] = _Hand(worker, unit)

    def _look(self) -> None:
        waiting = [*self._starting, *self._busy]
        if not waiting:
            time.sleep(POLL)
        ready = self._ray.wait(waiting, timeout=POLL)[0] if waiting else []
        for each in ready:
            self._welcome(each) if each in self._starting else self._take_in(each)
        if self._idle or self._busy:
            self._alive = time.monotonic()
        elif time.monotonic() - self._alive > LONG:
            has = ", ".join(f"{name} {count:g}" for name, count in sorted(self._ray.cluster_resources().items()))
            needs = " and ".join(f"{need} {name}" for name, need in self._needs.items())
            self._say(f"no worker yet: each takes {needs} of one machine; the cluster has {has}")

    def _welcome(self, loaded: Any) -> None:
        """A worker that is ready, or never will be."""
        worker = self._starting.pop(loaded)
        try:
            for note in self._get(loaded):
                self._say(note)
        except self._ray.exceptions.RayActorError as error:
            self._stillborn += 1
            if self._stillborn == TRIES:
                reason = " ".join(str(error).split())[:200]
                raise BenchError(f"ray: {TRIES} workers died while they loaded their models: {reason}") from None
            return
        self._idle.append(worker)

    def _take_in(self, stream: Any) -> None:
        """What a worker says it has closed; or that it is done, or dead."""
        hand = self._busy[stream]
        try:
            closed = self._get(next(stream))
        except StopIteration:
            del self._busy[stream]
            self._seconds += time.monotonic() - hand.since
            self._idle.append(hand.worker)
        except self._ray.exceptions.RayActorError:
            del self._busy[stream]
            self._seconds += time.monotonic() - hand.since
            self._bury(hand)
        else:
            for gap in hand.gaps[hand.closed : closed]:
                self._share.close(gap)
                self._share.advance(gap.decodes)
            hand.closed = closed

    def _bury(self, hand: _Hand) -> None:
        left = hand.gaps[hand.closed :]
        if not left:
            return
        self._deaths[left[0].place] += 1
        if self._deaths[left[0].place] == TRIES:
            raise BenchError(
                f"{left[0].block.cell}: {TRIES} workers died of a block of it; give them more memory, or set a smaller "
                "decode.batch"
            )
        self._again.append(left)

    def _get(self, result: Any) -> Any:
        """Raises BenchError as the worker did."""
        try:
            return self._ray.get(result)
        except BenchError as error:
            raise BenchError(str(getattr(error, "cause", error))) from None

    def _say(self, note: str) -> None:
        """Once."""
        if note not in self._said:
            self._said.add(note)
            self._job.say(note)
