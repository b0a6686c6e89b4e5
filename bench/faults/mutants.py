"""Mutants of everything that comes from outside, or lies on a disk: how the command takes each."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.faults.children import SECONDS, Ended, load_everything
from bench.faults.targets import TARGETS, Target, ask, mutations_of
from bench.faults.world import build, record

MOST_BYTES = 15 * 10**8
"""That a command may take beyond what is loaded already: 2 GB with that."""


@dataclass(frozen=True)
class Mutant:
    """What was mutated and how, and how the commands ended; `fault`: what was wrong with that, empty if nothing."""

    number: int
    target: str
    file: str
    mutation: str
    code: int
    seconds: float
    peak: int
    said: str
    fault: str


def make_mutants(count: int, seed: int, folder: Path) -> Iterator[Mutant]:
    """So many, the same from the same seed; `folder` is where they are made."""
    load_everything()
    whole = folder / "whole"
    whole.mkdir()
    build(whole)
    record(whole)
    names = [target for target in TARGETS for _ in range(target.share)]
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield make_mutant(number, names[rng.integers(len(names))], whole, rng)


def make_mutant(number: int, target: Target, whole: Path, rng: np.random.Generator) -> Mutant:
    """One: a copy of the world in which one file is another."""
    with TemporaryDirectory(prefix="bench-mutant-") as scratch:
        changed = Path(scratch) / "w"
        shutil.copytree(whole, changed, copy_function=os.link)
        files = sorted({path for pattern in target.files for path in changed.glob(pattern) if path.is_file()})
        file = files[rng.integers(len(files))]
        mutations = mutations_of(file)
        mutation = mutations[rng.integers(len(mutations))]
        content = mutation(file.read_bytes(), rng)
        file.unlink()
        file.write_bytes(content)
        ended = ask(target, changed)
        fault = next(filter(None, map(fault_of, ended)), "") or target.judge(changed, whole, ended)
        last = ended[-1]
        return Mutant(
            number,
            target.name,
            str(file.relative_to(changed)),
            getattr(mutation, "__name__", "unpacked"),
            last.code,
            max(each.seconds for each in ended),
            max(each.peak for each in ended),
            last.last_line.replace(str(changed), "."),
            fault,
        )


def fault_of(ended: Ended) -> str:
    """Of the way in which a command ended, whatever it was asked; empty if nothing."""
    if ended.code == -signal.SIGXCPU or ended.seconds > SECONDS:
        return "hang"
    if ended.code < 0:
        return f"killed by signal {-ended.code}"
    if "Traceback" in ended.err:
        return f"traceback: {ended.last_line}"
    if ended.code not in (0, 1, 2):
        return f"exit code {ended.code}"
    if ended.code == 1 and not ended.out:
        return "exit code 1 without a word"
    if ended.code == 2 and (not ended.last_line.startswith("bench: ") or ended.err.count("bench: ") != 1):
        return f"not one line: {ended.err[-300:]!r}"
    if ended.peak > MOST_BYTES:
        return f"{ended.peak / 2**20:.0f} MiB"
    return ""
