"""A fresh process a cell; on a GPU the next one loads its arm while another is measured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bench.errors import BenchError
from bench.memory.exchange import ANSWER, OUT_OF_MEMORY, REQUEST, CellRefusal, CellRequest, CellResult
from bench.memory_records import Load
from bench.suite import ArmSpec

CORES = 4
"""With as many at least, a process may load on half of them while another is measured on a GPU."""


@dataclass(frozen=True)
class MemoryCell:
    """What one process measures."""

    arm: ArmSpec
    dtype: str
    load: Load


def measure_cells(argument: str, cells: Sequence[MemoryCell], device: str) -> Generator[CellResult]:
    """Yields the result of each, in order. Raises BenchError with the message of a cell that cannot be measured."""
    coming = iter(cells)
    ahead = 1 if device == "cuda" and (os.cpu_count() or 1) >= CORES else 0
    waiting: deque[_Worker] = deque()
    try:
        for _ in cells:
            while len(waiting) <= ahead and (cell := next(coming, None)):
                waiting.append(_Worker(argument, cell, device))
            yield waiting[0].measure()
            waiting.popleft().stop()
    finally:
        for worker in waiting:
            worker.stop()


class _Worker:
    """A process that loads its arm at once, and measures when told to."""

    def __init__(self, argument: str, cell: MemoryCell, device: str) -> None:
        self.cell = cell
        self.errors: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- read when the process has ended, closed by stop
        paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "bench.memory.process"],  # -m alone imports from the working folder first
            env=os.environ | {"PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        request = CellRequest(argument, cell.arm.id, cell.dtype, device, cell.load)
        assert self.process.stdin is not None
        self.process.stdin.write(REQUEST.dump_json(request) + b"\n")
        self.process.stdin.flush()

    def measure(self) -> CellResult:
        """Waits for the result. Raises BenchError with the message of what the process could not do."""
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        with suppress(BrokenPipeError):  # it has ended, and its exit code says how
            stdin.write(b"now\n")
            stdin.flush()
        output = stdout.read()  # stdin stays open: its end would be ours
        self.process.wait()
        if self.process.returncode == -signal.SIGKILL:  # by the system, which has no memory left
            return CellResult(OUT_OF_MEMORY)
        if self.process.returncode:
            self.errors.seek(0)
            last = (self.errors.read().decode(errors="replace").strip().splitlines() or ["no message"])[-1]
            raise BenchError(f"arm {self.cell.arm.id}: its process ended with {self.process.returncode}: {last}")
        answer = ANSWER.validate_json(output)
        if isinstance(answer, CellRefusal):
            raise BenchError(answer.message)
        return answer

    def stop(self) -> None:
        self.process.kill()
        for pipe in filter(None, (self.process.stdin, self.process.stdout)):
            with suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()
        self.errors.close()
