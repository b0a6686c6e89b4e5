"""Leases: who decodes which block, so that runs of one suite at once share the work instead of doing it twice.

A lease is a small file that one run alone can make, in a folder that all of them see, and that its holder writes anew
every few seconds. One that stays as it is for long is stale, and so is that of a process of this machine that has
ended: the next who wants the block then makes a lease of a higher number, which again one alone can. Clocks of other
machines are not asked. A holder that was only slow costs a second decoding of a block, no wrong one.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any

from bench.errors import BenchError
from bench.io.documents import parse_json
from bench.io.places import Place, create_file, rewrite_file

BEAT, STALE = 10.0, 90.0
"""Seconds between two signs of life, and without any until a lease is another's to take."""
POLL = 1.0
"""Seconds between two looks at what others hold."""
ENDING = ".lease"


def machine() -> str:
    """Where a process number means one process: host, boot and, in a container, its own numbering."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    numbering = Path("/proc/self/ns/pid")
    with suppress(OSError):
        return f"{socket.gethostname()} {boot.read_text().strip()} {numbering.readlink()}"
    return socket.gethostname()


class Leases:
    """Those that this process holds in a folder; entering begins their signs of life, leaving gives them back."""

    def __init__(self, folder: Place, clock: Callable[[], float] = time.monotonic, holder: str | None = None) -> None:
        self._folder, self._clock = folder, clock
        self._me = {"machine": holder or machine(), "process": os.getpid(), "run": token_hex(8)}
        self._held: dict[str, list[Place]] = {}
        self._seen: dict[Place, tuple[bytes, float]] = {}
        self._beats = 0
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Leases:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        for name in list(self._held):
            self.give_back(name)
        for path in self._of("*"):
            if self._is_stale(path):
                self._remove(path)

    def take(self, name: str) -> bool:
        """Whether it is this run's now: nobody held it, or who did shows no sign of life."""
        before = self._of(name)
        if not self._are_over(before):
            return False
        path = self._folder / f"{name}.{1 + (_number(before[-1]) if before else 0)}{ENDING}"
        with self._lock:
            if not create_file(path, self._content()):
                return False
            self._held[name] = [*before, path]
        return True

    def is_free(self, name: str) -> bool:
        """Whether taking it may succeed."""
        return self._are_over(self._of(name))

    def give_back(self, name: str) -> None:
        """What was stale goes first, so that it never stands alone as if it were the last."""
        with self._lock:
            for path in self._held.pop(name):
                self._remove(path)

    @contextmanager
    def wait_for(self, name: str) -> Iterator[None]:
        """Holds it for a while, once whoever has it is done."""
        while not self.take(name):
            time.sleep(POLL)
        try:
            yield
        finally:
            self.give_back(name)

    def holder(self, name: str) -> str | None:
        """Who holds it, in words; None where nobody does."""
        leases = self._of(name)
        if not leases:
            return None
        said = _read(leases[-1])
        return f"process {said['process']} on {said['machine'].split()[0]}" if said else "another run"

    def beat(self) -> None:
        """A sign of life for everything that is held. Where it cannot be written, the lease grows stale."""
        with self._lock, suppress(BenchError, OSError):
            self._beats += 1
            for paths in self._held.values():
                rewrite_file(paths[-1], self._content())

    def _live(self) -> None:
        while not self._ended.wait(BEAT):
            self.beat()

    def _content(self) -> bytes:
        return json.dumps({**self._me, "beat": self._beats}).encode()

    def _of(self, name: str) -> list[Place]:
        """Its leases by number, the one that counts last."""
        return sorted(self._folder.glob(f"{name}.*{ENDING}"), key=_number)

    def _are_over(self, leases: list[Place]) -> bool:
        return not leases or self._is_stale(leases[-1])

    def _is_stale(self, path: Place) -> bool:
        try:
            content = path.read_bytes()
        except OSError:  # given back meanwhile
            return True
        now = self._clock()
        before, since = self._seen.get(path, (None, now))
        if content != before:
            self._seen[path] = (content, now)
            since = now
        return self._has_ended(content) or now - since >= STALE

    def _has_ended(self, content: bytes) -> bool:
        """Whether it is of a process of this machine that is no more."""
        said = _parse(content)
        if said is None or said["machine"] != self._me["machine"]:
            return False
        try:
            os.kill(said["process"], 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def _remove(self, path: Place) -> None:
        """And the folder with the last one."""
        self._seen.pop(path, None)
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()


def _number(path: Place) -> int:
    number = path.name.removesuffix(ENDING).rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def _read(path: Place) -> dict[str, Any] | None:
    with suppress(OSError):
        return _parse(path.read_bytes())
    return None


def _parse(content: bytes) -> dict[str, Any] | None:
    """None for what a writer has only begun, and for what is no lease."""
    try:
        said = parse_json(content)
    except ValueError:
        return None
    known = isinstance(said, dict) and isinstance(said.get("machine"), str) and type(said.get("process")) is int
    return said if known else None
