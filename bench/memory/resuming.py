"""Cells that an unfinished measurement has measured already: written as they come, taken up by the next one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.arms import find_arm
from bench.errors import BenchError
from bench.io.files import read_bounded, write_atomically
from bench.memory.driver import describe_gpus
from bench.memory.workers import MemoryCell
from bench.memory_records import Load, MemoryRecord
from bench.suite import ArmSpec, Suite
from bench.version import __version__

NAME = "memory.unfinished.json"
MOST_BYTES = 2**26


@dataclass(frozen=True)
class _Content:
    key: str
    records: tuple[MemoryRecord, ...]


CONTENT = TypeAdapter(_Content)


@dataclass(frozen=True)
class Unfinished:
    """A measurement under way. `key` is of all that its bytes depend on, but for what each cell asks for."""

    path: Path
    key: str
    records: dict[tuple[str, str, Load], MemoryRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, suite: Suite, device: str, folder: Path) -> Unfinished:
        """With the cells that such a measurement left there; none where there are none, or of another.

        Raises BenchError where the file is damaged.
        """
        path, key = folder / NAME, _key(suite, device)
        if not path.is_file():
            return cls(path, key)
        try:
            found = CONTENT.validate_json(read_bounded(path, MOST_BYTES))
        except ValidationError:
            raise BenchError(f"{path} is damaged; delete it to measure from the first cell on") from None
        kept = found.records if found.key == key else ()
        return cls(path, key, {_place(record): record for record in kept})

    def find(self, cell: MemoryCell) -> MemoryRecord | None:
        """What was measured of the cell; None where nothing was."""
        return self.records.get((cell.arm.id, cell.dtype, cell.load))

    def keep(self, record: MemoryRecord) -> None:
        self.records[_place(record)] = record
        content = CONTENT.dump_json(_Content(self.key, tuple(self.records.values())))
        write_atomically(self.path, partial(_write, content))


def end_measuring(folder: Path) -> None:
    """Once all of it is measured, and written where it is to stay: the next measurement starts anew."""
    (folder / NAME).unlink(missing_ok=True)


def _place(record: MemoryRecord) -> tuple[str, str, Load]:
    return record.arm, record.dtype, record.load


def _key(suite: Suite, device: str) -> str:
    """Of the models, the machine's GPUs and the software; a suite that asks for more cells keeps those it had."""
    arms = sorted(map(partial(_describe, suite), suite.measurable))
    software = [__version__, *map(version, ("torch", "transformers"))]
    content = [arms, suite.decode.model_dump(), device, describe_gpus() if device == "cuda" else [], software]
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=12).hexdigest()


def _describe(suite: Suite, arm: ArmSpec) -> tuple[str, ...]:
    control = suite.control_of(arm)
    return arm.id, control.id if control else "", arm.kv or "", find_arm(arm, suite.files_of(arm)).fingerprint


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
