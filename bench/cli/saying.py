"""What verbs say beside their result: lines that no name from outside can make a terminal obey."""

import atexit
import io
import os
import sys
from typing import IO, cast

from bench.errors import BenchError
from bench.visible import visible


def warn(line: str) -> None:
    """One line on stderr."""
    print(visible(line), file=sys.stderr)


def hint(*commands: str) -> None:
    """What comes next, beside the result: a command, or one of several."""
    warn(f"next: {', or '.join(f'bench {command}' for command in commands)}")


def checked(stream: IO[str]) -> IO[str]:
    """The same output, in which signs that its encoding lacks are written out, and a full disk is a BenchError."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="backslashreplace")
    return cast(IO[str], _Checked(stream))


class _Checked:
    """Whatever is printed is written at once, so that what could not be is known before the program ends."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        try:
            written = self.stream.write(text)
            self.stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            atexit.register(_forget, self.stream.fileno())
            raise BenchError(f"output: cannot be written: {error.strerror}; send it elsewhere") from None
        return written

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def _forget(number: int) -> None:
    """What is still to be written of it, or Python would say once more that it cannot be."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)
