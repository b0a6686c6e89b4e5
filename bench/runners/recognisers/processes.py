"""Programs of the user's: run without a shell, ended whole when their time is up, and with this process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from types import FrameType
from typing import IO, Any

LONGEST_LINE = 200
"""Characters of a program's last line that are quoted."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, None where its time was up; and the last line that it wrote to stderr."""

    code: int | None
    last_line: str


@dataclass(frozen=True)
class Workplace:
    """A temporary folder, and the programs that were started from it."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, words: Sequence[str], place: Path | None, seconds: float) -> Ended:
        """Runs a program in a place, in a process group of its own, with no stdin; what it writes to stdout is dropped.

        Raises OSError or ValueError where it cannot be started.
        """
        with TemporaryFile() as errors:
            process = subprocess.Popen(
                words,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            self.processes.append(process)
            try:
                code = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                return Ended(None, _last_line(errors))
            return Ended(code, _last_line(errors))


@contextmanager
def workplace() -> Iterator[Workplace]:
    """Removed in the end, its programs killed with all their children; also when a signal ends this process.

    A terminal tells its interrupt to the groups of its own alone, and whatever handles it here may leave at once.
    """
    with TemporaryDirectory(prefix="bench-") as folder:
        place = Workplace(Path(folder))
        before: dict[int, Any] = {}

        def end(signum: int, frame: FrameType | None) -> None:
            _kill_running(place.processes)
            shutil.rmtree(folder, ignore_errors=True)
            previous = before[signum]
            if callable(previous):
                previous(signum, frame)
            else:
                signal.signal(signum, signal.SIG_DFL)
                os.kill(os.getpid(), signum)

        if threading.current_thread() is threading.main_thread():
            before = {number: handler for number in ENDING if (handler := signal.getsignal(number)) != signal.SIG_IGN}
            for number in before:
                signal.signal(number, end)
        try:
            yield place
        finally:
            _kill_running(place.processes)
            for number, handler in before.items():
                signal.signal(number, handler)


def _kill_running(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """With all that is in their groups. One that has ended is left alone: its number may be another's by now."""
    for process in processes:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _last_line(errors: IO[bytes]) -> str:
    """What is left of it on a terminal: of a bar that draws over itself, the last; nothing that is not printable."""
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - 16 * LONGEST_LINE))
    lines = [line.strip() for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    line = "".join(character if character.isprintable() else " " for character in (lines or [""])[-1])
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
