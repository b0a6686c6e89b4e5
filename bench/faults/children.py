"""The command in a child of this process, which has loaded everything already: bounded, and watched from outside."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.signals import end_on_signals

SECONDS = 10
"""Of processor time, after which a command hangs."""
PATIENCE = 600
"""Seconds on the wall, for what waits for nothing."""
BORN = "born"
"""Beside out and err: with how many resident bytes the child began, and that it does."""
ROOM = 3 * 2**30
"""Bytes of addresses that it may take beyond those of this process: the machine is not to suffer."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (negative: the signal), what it said and the processor seconds it took.

    `peak`: bytes that were resident at most, beyond those that it was born with, which are this process's.
    """

    code: int
    out: str
    err: str
    seconds: float
    peak: int

    @property
    def last_line(self) -> str:
        """Of what it said beside its result."""
        return (self.err.replace("\r", "\n").strip().splitlines() or [""])[-1]


def load_everything() -> None:
    """So that no child spends its time on it."""
    import soundfile
    import soxr

    import bench.api
    import bench.cli
    import bench.conversion
    import bench.corpora.common_voice
    import bench.data
    import bench.doctor
    import bench.memory.profile
    import bench.recovery.recover
    import bench.reporting.catalogue
    import bench.runners
    import bench.verify

    for module in (bench.cli, soundfile, soxr):
        assert module
    gc.collect()
    gc.freeze()


def run(words: Sequence[object], folder: Path, seconds: int = SECONDS) -> Ended:
    """`bench WORDS…` in the folder, to its end or that of its time."""
    return call(lambda: _command(words), folder, seconds)


def call(work: Callable[[], None], folder: Path, seconds: int = SECONDS) -> Ended:
    """Anything in a child, in the folder; an exception ends it with 1 and a traceback, as Python ends."""
    with TemporaryDirectory(prefix="bench-faults-") as aside:
        child = start(work, folder, Path(aside), seconds)
        status, usage = _wait(child)
        out, err = ((Path(aside) / name).read_bytes().decode(errors="replace") for name in ("out", "err"))
        born = int((Path(aside) / BORN).read_text(encoding="ascii"))
    peak = max(0, usage.ru_maxrss * 1024 - born)  # what the system counts is some pages late
    return Ended(os.waitstatus_to_exitcode(status), out, err, usage.ru_utime + usage.ru_stime, peak)


def start(work: Callable[[], None], folder: Path, aside: Path, seconds: int = SECONDS) -> int:
    """Forks; the child's number. It leads a session of its own, and writes to out and err in the folder `aside`."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):  # a background job ignores the first, and so would its children
            signal.signal(number, signal.SIG_DFL)
        end_on_signals()
        (aside / BORN).write_text(str(_pages(1)), encoding="ascii")
        _redirect(aside)
        os.chdir(folder)
        os.environ |= {"XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "200"}
        _limit(seconds)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- said as Python says it; nothing of this process may go on in the child
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def start_command(words: Sequence[object], folder: Path, aside: Path) -> int:
    """The same of `bench WORDS…`."""
    return start(lambda: _command(words), folder, aside, PATIENCE)


def _command(words: Sequence[object]) -> None:
    from bench.__main__ import main

    sys.argv = ["bench", *map(str, words)]
    main()


def _redirect(aside: Path) -> None:
    for number, name in ((1, "out"), (2, "err")):
        opened = os.open(aside / name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _limit(seconds: int) -> None:
    taken = _pages(0)
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _pages(column: int) -> int:
    """Bytes of this process: of its addresses (0), or resident (1)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[column]) * resource.getpagesize()


def _wait(child: int) -> tuple[int, resource.struct_rusage]:
    """Until it has ended; killed with its session where it waits for ever."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        number, status, usage = os.wait4(child, os.WNOHANG)
        if number:
            return status, usage
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return status, usage
