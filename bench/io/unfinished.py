"""Files and folders that are still being written: under a name of their own, and removed where their writer is gone.

Whoever writes one holds a lock on it, which the system takes back however the process ends.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

UNFINISHED = re.compile(r"\..+\.[0-9a-f]{16}\.part", re.DOTALL)


@contextmanager
def unfinished_file(path: Path) -> Iterator[Path]:
    """A new, empty file beside `path`, under a name that nobody can lay a link under before; gone in the end.

    What earlier processes left unfinished in the folder is removed first. Raises OSError where nothing can be written.
    """
    sweep(path.parent)
    with _held(path, _new_file) as unfinished:
        yield unfinished


@contextmanager
def unfinished_folder(path: Path) -> Iterator[Path]:
    """The same as a folder."""
    sweep(path.parent)
    with _held(path, _new_folder) as unfinished:
        yield unfinished


@contextmanager
def _held(path: Path, make: Callable[[Path], int]) -> Iterator[Path]:
    """Locked while it is in use; made anew where another process took it for a leftover before it was locked."""
    while True:
        unfinished = path.with_name(f".{path.name}.{token_hex(8)}.part")
        number = make(unfinished)
        with suppress(OSError):  # some file systems have no locks; then nobody sweeps there either
            fcntl.flock(number, fcntl.LOCK_EX)
        if os.fstat(number).st_nlink:
            break
        os.close(number)
    try:
        yield unfinished
    finally:
        _remove(unfinished)
        os.close(number)


def _new_file(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o666)


def _new_folder(path: Path) -> int:
    path.mkdir()
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


@lru_cache(maxsize=1024)
def sweep(folder: Path) -> None:
    """Removes what is unfinished there and whose writer is gone; once a process, since folders may hold very much."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            if UNFINISHED.fullmatch(entry.name):
                _remove_if_left(Path(entry.path))


def _remove_if_left(path: Path) -> None:
    with suppress(OSError):
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path)
        finally:
            os.close(number)


def _remove(path: Path) -> None:
    """Whatever it is, if it is still there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink()
