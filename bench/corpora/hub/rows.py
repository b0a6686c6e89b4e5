"""One split of a repository, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path, PurePosixPath
from typing import Any

from huggingface_hub import HfFileSystem

from bench.corpora.hub.files import FILE_NAME, PARQUET, Split
from bench.corpora.hub.layouts import Layout
from bench.errors import BenchError


@dataclass(frozen=True)
class Rows:
    """A split, read once without its audio, and once more for the audio of the clips that were chosen."""

    where: str
    split: Split
    layout: Layout

    def without_audio(self) -> Iterator[Mapping[str, Any]]:
        """Every row, in order."""
        with self._reading():
            for row in self._open(self.layout.columns):
                yield {name: row[name] for name in self.layout.columns}

    def audio(self, numbers: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """The encoded audio of the rows of these numbers; empty where there is none, which a run finds unreadable."""
        folder = self.split.folder
        column = self.layout.audio if folder is None else FILE_NAME
        with self._reading():
            for number, row in enumerate(self._open([column])):
                if number in numbers:
                    cell = row[column] or {}
                    yield number, (cell.get("bytes") or b"") if folder is None else _read_beside(folder, str(cell))

    def _open(self, columns: list[str]) -> Any:
        """Row by row, as `datasets` streams files, here or on the hub; audio stays as it was encoded."""
        from datasets import Audio, load_dataset, logging

        logging.disable_progress_bar()
        logging.set_verbosity(CRITICAL)
        settings = {"columns": columns} if self.split.kind == PARQUET else {}
        files = {"split": list(self.split.files)}
        rows = load_dataset(self.split.kind, data_files=files, split="split", streaming=True, **settings)
        if self.split.folder is None and self.layout.audio in columns:
            return rows.decode(False).cast_column(self.layout.audio, Audio(decode=False))
        return rows

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Makes one line of whatever is raised over what is read."""
        try:
            yield
        except BenchError:
            raise
        except KeyError as error:
            raise BenchError(f"{self.where}: no column {error.args[0]}; mend corpus.columns") from None
        except Exception as error:  # noqa: BLE001 -- of pyarrow, fsspec, the hub, …
            cause = error.__cause__ or error
            reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
            raise BenchError(f"{self.where}: cannot be read: {reason}; mend corpus.columns, or fetch it anew") from None


def _read_beside(folder: str, name: str) -> bytes:
    """A clip as its list names it: beside the list or below, here or on the hub."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise BenchError(f"{folder}: its list of clips names {name}, which lies elsewhere; mend the list")
    path = f"{folder}/{name}"
    return bytes(HfFileSystem().cat_file(path)) if path.startswith("hf://") else Path(path).read_bytes()
