"""Commands killed at random moments and typed again: what they leave, and what they end with."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.faults.children import BORN, PATIENCE, Ended, load_everything, run, start_command
from bench.faults.world import BOTH, RECORDS, build

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
"""Half of them such that nothing can prepare for."""
COMMANDS: Mapping[str, Sequence[str]] = {
    "run": ("run", "k.toml", *RECORDS),
    "compare": ("compare", "k.toml", *RECORDS),
    "table": ("table", "k.toml", *BOTH),
    "memory": ("memory", "s.toml", *BOTH),
    "recover": ("recover", "t.toml"),
}
WRITTEN = ("r", "p", "out")
OF_TIME = ("speed.json",)
"""What says how long something took."""
TICKS = os.sysconf("SC_CLK_TCK")
DYING = 5.0
"""Seconds that a worker may live on."""
FOUND = re.compile(r"decoded (\d+) clips, found (\d+) already decoded")


@dataclass(frozen=True)
class Kill:
    """A command, the signal that ended it after a share of its work, and what was wrong after it was typed again.

    `again`: decodes that it had written and made once more.
    """

    number: int
    command: str
    signal: str
    share: float
    code: int
    again: int
    fault: str


@dataclass(frozen=True)
class _Whole:
    """A command that nobody interrupted: where it begins, what it leaves, and its processor seconds."""

    words: Sequence[str]
    before: Path
    files: Mapping[str, bytes]
    seconds: float


def make_kills(commands: Sequence[str], seed: int, folder: Path) -> Iterator[Kill]:
    """One of each command that is named, as often as it is; the same moments from the same seed, as shares of work."""
    load_everything()
    world = folder / "world"
    world.mkdir()
    build(world)
    wholes = dict(_wholes(world, folder, commands))
    for number, command in enumerate(commands):
        rng = np.random.default_rng([seed, number])
        yield _kill(number, command, wholes[command], rng)


def _wholes(world: Path, folder: Path, commands: Sequence[str]) -> Iterator[tuple[str, _Whole]]:
    """Comparing begins with what a run left, and a table with what was compared; the others with the world alone."""
    before = world
    for name, words in COMMANDS.items():
        if name not in (*commands, "run", "compare"):
            continue
        place = folder / name
        start = before if name in ("compare", "table") else world
        shutil.copytree(start, place)
        ended = run(words, place, PATIENCE)
        if ended.code:
            raise RuntimeError(f"{name} ended with {ended.code}: {ended.err}")
        yield name, _Whole(words, start, _files(place), ended.seconds)
        before = place


def _kill(number: int, command: str, whole: _Whole, rng: np.random.Generator) -> Kill:
    share, sent = float(rng.uniform()), SIGNALS[rng.integers(len(SIGNALS))]
    while True:
        with TemporaryDirectory(prefix="bench-kill-") as scratch:
            place = Path(scratch) / "w"
            shutil.copytree(whole.before, place)
            code, fault = _kill_at(share, sent, whole, place)
            if code == 0 and not fault:  # it was sooner at its end than the one that was timed
                share /= 2
                continue
            kept = _files(place)
            ended = run(whole.words, place, PATIENCE)
            fault = fault or _fault_of_rest(ended, whole, _files(place), place)
            return Kill(number, command, sent.name, share, code, _decoded_again(ended, kept, whole.files), fault)


def _kill_at(share: float, sent: signal.Signals, whole: _Whole, place: Path) -> tuple[int, str]:
    """The exit code, and what was wrong with that end."""
    with TemporaryDirectory(prefix="bench-aside-") as aside:
        child = start_command(whole.words, place, Path(aside))
        born = Path(aside) / BORN
        while not (born.exists() and _seconds_of(child) >= share * whole.seconds) and not _has_ended(child):
            time.sleep(0.002)
        os.kill(child, sent)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = (Path(aside) / "err").read_text(encoding="utf-8", errors="replace")
    return code, _fault_of_end(code, sent, said) or _living(child)


def _fault_of_end(code: int, sent: signal.Signals, said: str) -> str:
    expected = -sent if sent == signal.SIGKILL else 128 + sent
    if code not in (0, expected):
        return f"ended with {code}, not {expected}"
    return "a traceback" if "Traceback" in said else ""


def _living(child: int) -> str:
    """Processes of its session that outlive it."""
    until = time.monotonic() + DYING
    while (living := [name for name, _ in _session(child)]) and time.monotonic() < until:
        time.sleep(0.01)
    return f"{len(living)} processes live on" if living else ""


def _fault_of_rest(ended: Ended, whole: _Whole, files: Mapping[str, bytes], place: Path) -> str:
    if ended.code:
        return f"typed again, it ended with {ended.code}: {ended.last_line}"
    if left := [path.name for path in place.rglob("*") if path.name.endswith(".part") or "unfinished" in path.name]:
        return f"left behind: {left[0]}"
    names = sorted(files.keys() ^ whole.files.keys())
    differing = names or [name for name in files if files[name] != whole.files[name]]
    return f"differs: {differing[0]}" if differing else ""


def _decoded_again(ended: Ended, kept: Mapping[str, bytes], whole: Mapping[str, bytes]) -> int:
    """Clips of parts that were whole when the command was killed, and are not among those that were found."""
    found = FOUND.search(ended.out)
    if found is None:
        return 0
    parts = [name for name in whole if "/decodes/" in name]
    written = sum(name in kept for name in parts)
    clips = sum(map(int, found.groups()))
    return max(0, written * clips // len(parts) - int(found[2]))


def _files(place: Path) -> dict[str, bytes]:
    """All that commands write, by path."""
    found = (path for name in WRITTEN for path in (place / name).rglob("*") if path.is_file())
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in found
        if path.name not in OF_TIME and not path.name.endswith(".part")
    }


def _has_ended(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _seconds_of(child: int) -> float:
    """Of processor time that its session has taken, with those that have ended in it."""
    return sum(seconds for _, seconds in _session(child))


def _session(leader: int) -> list[tuple[str, float]]:
    """Processes that are alive, and their seconds."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append((folder.name, sum(map(int, fields[11:15])) / TICKS))
    return found
