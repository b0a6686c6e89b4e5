"""One split of a repository, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
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

    def cells(self, column: str, numbers: Collection[int]) -> Iterator[tuple[int, Any]]:
        """What a column holds in the rows of these numbers."""
        last = max(numbers)
        with self._reading():
            for number, row in enumerate(self._open([column])):
                if number in numbers:
                    yield number, row[column]
                if number >= last:
                    return

    def audio(self, numbers: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """The encoded audio of the rows of these numbers; empty where there is none, which a run finds unreadable."""
        if self.split.folder is None:
            for number, cell in self.cells(self.layout.audio, numbers):
                yield number, (cell or {}).get("bytes") or b""
            return
        for number, place in self.places(numbers):
            with self._reading():
                remote = place.startswith("hf://")
                yield number, bytes(HfFileSystem().cat_file(place)) if remote else Path(place).read_bytes()

    def places(self, numbers: Collection[int]) -> Iterator[tuple[int, str]]:
        """Where a list says that its clips are: beside it or below, here or on the hub."""
        for number, name in self.cells(FILE_NAME, numbers):
            if PurePosixPath(str(name)).is_absolute() or ".." in PurePosixPath(str(name)).parts:
                raise BenchError(f"{self.where}: its list of clips names {name}, which lies elsewhere; mend the list")
            yield number, f"{self.split.folder}/{name}"

    def _open(self, columns: list[str]) -> Any:
        """Row by row, as `datasets` streams files, here or on the hub; audio stays as it was encoded."""
        from datasets import Audio, load_dataset, logging

        logging.disable_progress_bar()
        logging.set_verbosity(CRITICAL)
        settings: dict[str, Any] = {"columns": columns} if self.split.kind == PARQUET else {}
        if self.split.kind == "csv":  # texts and ids stay as they are written: null, 007
            settings = {"converters": dict.fromkeys([*columns, FILE_NAME], str), "keep_default_na": False}
        files = {"split": [name if "://" in name else escape(name) for name in self.split.files]}
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
