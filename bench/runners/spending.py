"""Where a run's time goes, step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Spending:
    """Processor seconds by step, of the threads that take it; not of those that help them. On a GPU, of the host."""

    seconds: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __reduce__(self) -> tuple[type[Spending], tuple[dict[str, float]]]:
        """A copy in another process goes on from here, with a lock of its own."""
        return Spending, (dict(self.seconds),)

    @contextmanager
    def on(self, step: str) -> Iterator[None]:
        """What this thread does inside."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add({step: time.thread_time() - began})

    def add(self, seconds: Mapping[str, float]) -> None:
        """By step."""
        with self._lock:
            for step, more in seconds.items():
                self.seconds[step] = self.seconds.get(step, 0.0) + more


@dataclass(frozen=True)
class Measured:
    """Of a run, or of one of its recognisers: processor seconds by step; by arm the batches that own search began, and
    those of them in which two tokens were so close that plain decoding chose.
    """

    steps: Mapping[str, float] = field(default_factory=dict)
    searched: Mapping[str, int] = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)
