"""Small files that several runs on several machines agree by."""

import os
from contextlib import suppress
from pathlib import Path

from bench.errors import BenchError
from bench.io.files import write_atomically

TRIES = 5
"""At making a file in a folder that another run removes, empty, at that moment."""


def create_file(path: Path, content: bytes) -> bool:
    """Makes a file that is not there; False where it is, whoever made it, of whatever machine.

    Raises BenchError where the folder cannot be made or written.
    """
    try:
        for _ in range(TRIES):
            with suppress(FileNotFoundError):
                path.parent.mkdir(parents=True, exist_ok=True)
                number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o666)
                with os.fdopen(number, "wb") as file:
                    file.write(content)
                return True
    except FileExistsError:
        return False
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}; choose another place") from None
    raise BenchError(f"{path}: cannot be written: its folder comes and goes; choose another place")


def rewrite_file(path: Path, content: bytes) -> None:
    """Gives a file that is there another content; one that is not stays so."""
    if path.is_file():
        write_atomically(path, lambda temporary: temporary.write_bytes(content))
