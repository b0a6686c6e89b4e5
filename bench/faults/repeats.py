"""One process that does everything over and over: whether it holds more each time."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import resource
import sys
from pathlib import Path

from bench.faults.children import PATIENCE, call
from bench.faults.world import BOTH, RECORDS, build

COMMANDS = (
    ("run", "s.toml", *RECORDS),
    ("table", "s.toml", *BOTH),
    ("report", "s.toml", *BOTH),
    ("card", "s.toml", *BOTH),
    ("verify", "s.toml", *BOTH),
)
SETTLED = 3
"""Repeats after which nothing new is loaded."""


def measure_repeats(times: int, folder: Path) -> list[int]:
    """Bytes that the process holds after each repeat, in which every clip is decoded anew."""
    build(folder)
    ended = call(lambda: _repeat(times), folder, PATIENCE)
    if ended.code:
        raise RuntimeError(f"the repeats ended with {ended.code}: {ended.err[-2000:]}")
    return list(map(int, ended.out.split()))


def growth_of(held: list[int]) -> float:
    """The largest after the process has settled, over what it held then, less one."""
    return max(held[SETTLED - 1 :]) / held[SETTLED - 1] - 1


def _repeat(times: int) -> None:
    """Prints the bytes, and nothing else."""
    for _ in range(times):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for words in COMMANDS:
                _do(words)
        for part in Path("r/s/decodes").glob("*.parquet"):
            part.unlink()
        Path("r/s/manifest.json").unlink()
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        os.write(1, f"{pages * resource.getpagesize()}\n".encode())


def _do(words: tuple[str, ...]) -> None:
    from bench.cli import main

    sys.argv = ["bench", *words]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
