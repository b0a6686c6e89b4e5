"""Files that are whole or not there, and where what can be fetched or made again is kept."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from bench.errors import BenchError
from bench.io.unfinished import unfinished_file

LONGEST_NAME, LONGEST_PATH = 255, 4096
"""Bytes of a part, and characters of all of it, in any file system of ours."""


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write(temporary)`, syncs and renames, so that nothing half written ever bears a final name.

    Raises BenchError where the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished_file(path) as temporary:
            write(temporary)
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {reason_of(error)}; choose another place") from None


def require_writable(folder: Path) -> None:
    """Raises BenchError where nothing can be written there, or, while it is not there yet, where it would be made."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    try:
        with unfinished_file(there / "writable"):
            pass
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {reason_of(error)}; choose another place") from None


def reason_of(error: OSError) -> str:
    """What the system says, in one line."""
    return error.strerror or (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_file(path: Path) -> bool:
    """Whether it is one; no for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether it is one; no for a name that no folder can have."""
    try:
        return path.is_dir()
    except OSError:
        return False


def require_name(path: str) -> None:
    """Raises BenchError for a path that nothing can have: a part of it is longer than names may be."""
    if any(len(part.encode(errors="replace")) > LONGEST_NAME for part in path.split("/")) or len(path) > LONGEST_PATH:
        raise BenchError(f"{path[:40]}…: longer than the name of a file can be; mend it")


class Readable(Protocol):
    """A path, or a place at a URL."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """As a path's."""


def read_bounded(path: Readable, most: int) -> bytes:
    """The bytes of a file. Raises BenchError where it cannot be read, or has more of them than that."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise BenchError(f"{path}: cannot be read: {error.strerror}; give another file") from None
    if len(content) > most:
        raise BenchError(f"{path}: has more than {most:,} bytes; split it, or give another file")
    return content


def write_text(content: str, path: Path) -> None:
    """Writes UTF-8, line ends as they are."""
    path.write_text(content, encoding="utf-8", newline="")


def cache_root() -> Path:
    """The folder of ours in `$XDG_CACHE_HOME`, or in ~/.cache. Raises BenchError where there is neither."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper-mla-bench"
    except RuntimeError:  # a user without a home, as in containers
        raise BenchError("no home folder to keep files in; set XDG_CACHE_HOME to one that may be written") from None
