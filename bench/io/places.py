"""Where records are kept: a folder, or what fsspec reaches by a URL (s3://…, gs://…, memory://…).

Files are written aside and renamed; object stores write an object whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.errors import BenchError
from bench.io.files import require_writable, write_atomically
from bench.io.remote import Remote

TRIES = 5
"""At making a file in a folder that another run removes, empty, at that moment."""

Place = Path | Remote


def place_of(text: str | Path) -> Place:
    """A folder by its path, or a place by its URL."""
    if isinstance(text, Path) or "://" not in text:
        return Path(text)
    return Path(text.removeprefix("file://")) if text.startswith("file://") else Remote(text.rstrip("/"))


def folder_of(text: str | Path) -> Path:
    """Raises BenchError for a URL."""
    place = place_of(text)
    if isinstance(place, Remote):
        raise BenchError(f"{place}: this command keeps its records in a folder; give the path of one")
    return place


def require_room(place: Place) -> None:
    """Raises BenchError for a folder where nothing can be written; of a URL the first writing tells."""
    if isinstance(place, Path):
        require_writable(place)


def write_whole(place: Place, write: Callable[[Path], object]) -> None:
    """Calls `write(temporary)` and puts what it wrote in its place, whole or not at all. Raises BenchError."""
    if isinstance(place, Path):
        write_atomically(place, write)
        return
    with TemporaryDirectory() as scratch:
        temporary = Path(scratch) / "whole"
        write(temporary)
        content = temporary.read_bytes()
    place.write_bytes(content)


def create_file(place: Place, content: bytes) -> bool:
    """Makes a file that is not there; False where it is, whoever made it, of whatever machine.

    Raises BenchError where the folder cannot be made or written.
    """
    if isinstance(place, Remote):
        return place.create(content)
    try:
        for _ in range(TRIES):
            with suppress(FileNotFoundError):
                place.parent.mkdir(parents=True, exist_ok=True)
                number = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o666)
                with os.fdopen(number, "wb") as file:
                    file.write(content)
                return True
    except FileExistsError:
        return False
    except OSError as error:
        raise BenchError(f"{place}: cannot be written: {error.strerror}; choose another place") from None
    raise BenchError(f"{place}: cannot be written: its folder comes and goes; choose another place")


def rewrite_file(place: Place, content: bytes) -> None:
    """Gives a file that is there another content; one that is not stays so."""
    if place.is_file():
        write_whole(place, lambda temporary: temporary.write_bytes(content))
