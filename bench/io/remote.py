"""What fsspec reaches by a URL (s3://…, gs://…, memory://…), with those few of a path's methods that records need.

Object stores write an object whole or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any, BinaryIO, TypeVar

from bench.errors import BenchError

PAUSES = (0.5, 3.0)
"""Seconds before a remote operation that failed is tried again, and again."""
FINAL = (FileNotFoundError, FileExistsError, PermissionError)
"""Answers, not failures."""
T = TypeVar("T")


@dataclass(frozen=True)
class Remote:
    """A place at a URL. What fails is tried twice more; listings are never of an earlier moment."""

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> Remote:
        return Remote(f"{self.url.rstrip('/')}/{name}")

    @property
    def name(self) -> str:
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0] or self.name

    @property
    def parent(self) -> Remote:
        return Remote(self.url.rstrip("/").rpartition("/")[0])

    def exists(self) -> bool:
        return self._again(lambda files, path: bool(files.exists(path)))

    def is_file(self) -> bool:
        return self._again(lambda files, path: bool(files.isfile(path)))

    def read_bytes(self) -> bytes:
        """Raises FileNotFoundError where there is nothing."""
        return self._again(lambda files, path: bytes(files.cat_file(path)))

    def open(self, mode: str = "rb") -> BinaryIO:
        """For reading; small records, all of them at once."""
        assert mode == "rb"
        return BytesIO(self.read_bytes())

    def glob(self, pattern: str) -> list[Remote]:
        """What is directly in it and fits."""
        try:
            listed = self._again(lambda files, path: files.ls(path, detail=False))
        except FileNotFoundError:
            return []
        names = (str(path).rstrip("/").rpartition("/")[2] for path in listed)
        return [self / name for name in names if fnmatchcase(name, pattern)]

    def write_bytes(self, content: bytes) -> None:
        """Raises BenchError where it still fails when it is tried again."""
        with self._written():
            self._again(lambda files, path: _pipe(files, path, content, mode="overwrite"))

    def create(self, content: bytes) -> bool:
        """Makes it; False where it is there already with another content. One alone can where the store knows how."""
        try:
            with self._written():
                self._again(lambda files, path: _pipe(files, path, content, mode="create"))
        except (FileExistsError, BenchError) as error:  # some stores only refuse to write it
            try:
                return self.read_bytes() == content  # made by a try whose answer was lost
            except FileNotFoundError:
                if isinstance(error, BenchError):
                    raise error from None
                return False  # it was there, and has just been taken away
        return True

    def unlink(self) -> None:
        self._again(lambda files, path: files.rm_file(path))

    def rmdir(self) -> None:
        """Of a folder that is empty, where the store has folders."""
        self._again(lambda files, path: files.rmdir(path))

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            raise BenchError(f"{self}: cannot be written: {reason}; choose another place") from None

    def _again(self, do: Callable[[Any, str], T]) -> T:
        files, path = self._resolved()
        for pause in PAUSES:
            try:
                files.invalidate_cache()
                return do(files, path)
            except FINAL:
                raise
            except OSError:
                time.sleep(pause)
        return do(files, path)

    def _resolved(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        try:
            files, path = url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise BenchError(f"{self}: fsspec cannot reach it: {' '.join(str(error).split())}") from None
        return files, str(path)


def _pipe(files: Any, path: str, content: bytes, mode: str) -> None:
    files.makedirs(files._parent(path), exist_ok=True)
    files.pipe_file(path, content, mode=mode)
