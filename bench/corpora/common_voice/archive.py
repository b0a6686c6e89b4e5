"""One locale's archive, streamed: its tables, and no clip but those that are asked for, go to a cache."""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from bench.corpora.common_voice.rows import LARGEST_TABLE
from bench.errors import BenchError
from bench.io.files import cache_root, write_atomically, write_text
from bench.suite.corpus import SPLITS

DURATIONS = "clip_durations.tsv"
LARGEST_CLIP = 64 * 2**20
"""Bytes; a clip of Common Voice has some tens of thousands."""
LARGEST_BETWEEN = 2**20
"""Bytes of headers between two members."""
Choose = Callable[[bytes], Collection[str]]
"""From the split's content to the names of the clips that are wanted."""


def cache_folder(archive: Path) -> Path:
    """`$XDG_CACHE_HOME` or ~/.cache, by the archive's name, size and time of change."""
    state = archive.stat()
    name = f"{archive.name.removesuffix('.tar.gz')}-{state.st_size}-{state.st_mtime_ns}"
    return cache_root() / name


def extract(archive: Path, locale: str, split: str, choose: Choose) -> Path:
    """The cache folder with the split, the durations and the chosen clips, like an extracted locale.

    Members are taken in their order and never by path: one that is absolute, climbs out, or is no plain file is
    refused. The archive is read to its end once, or twice where clips come before the split; not at all where an
    earlier reading came to the end and left everything there. Raises BenchError for an archive that is damaged or
    lacks the split or a chosen clip.
    """
    folder = cache_folder(archive)
    whole = folder / f"{split}.whole"
    wanted: set[str] | None = None
    if whole.is_file():
        wanted = _lacking(folder, choose((folder / f"{split}.tsv").read_bytes()))
    reading = _Reading(locale, split, folder, choose, wanted)
    if wanted is None or wanted:
        _read_to_the_end(archive, reading)
        if reading.wanted and reading.passed_by:
            _read_to_the_end(archive, reading)
        if reading.wanted is None:
            there = ", ".join(other for other in SPLITS if other in reading.tables)
            way_out = (
                f"the splits there are {there}; set corpus.split" if there else "is it the archive of that locale?"
            )
            raise BenchError(f"{archive}: holds no {locale}/{split}.tsv; {way_out}")
        if reading.wanted:
            names = sorted(reading.wanted)
            raise BenchError(
                f"{archive}: lacks {len(names)} clips of its own {split}.tsv ({names[0]}, …); fetch it anew"
            )
        write_atomically(whole, partial(write_text, ""))
    return folder


@dataclass
class _Reading:
    """What is kept of an archive's members. `wanted`: clips still lacking, None before the split has been seen."""

    locale: str
    split: str
    folder: Path
    choose: Choose
    wanted: set[str] | None
    passed_by: bool = field(default=False)
    """Whether clips came before it was known which are wanted."""
    tables: set[str] = field(default_factory=set)
    """The tables of the locale, by name without .tsv."""

    def take(self, member: tarfile.TarInfo, file: IO[bytes]) -> None:
        parts = PurePosixPath(member.name).parts
        parent, name = parts[-2:] if len(parts) > 1 else ("", "")
        if parent == self.locale:
            self.tables.add(name.removesuffix(".tsv"))
        if parent == self.locale and name in {f"{self.split}.tsv", DURATIONS}:
            if member.size > LARGEST_TABLE:
                raise BenchError(f"member {member.name!r} has {member.size:,} bytes; do not trust this archive")
            content = file.read()
            _keep(self.folder / name, content)
            if name != DURATIONS and self.wanted is None:
                self.wanted = _lacking(self.folder, self.choose(content))
        elif parent == "clips" and self.wanted is None:
            self.passed_by = True
        elif parent == "clips" and self.wanted and name in self.wanted:
            if member.size > LARGEST_CLIP:
                raise BenchError(f"member {member.name!r} has {member.size:,} bytes; do not trust this archive")
            _keep(self.folder / "clips" / name, file.read())
            self.wanted.discard(name)


def _read_to_the_end(archive: Path, reading: _Reading) -> None:
    """To the end, for only there does the checksum tell whether what was read is what was packed."""
    try:
        with gzip.open(archive) as unpacked:
            bounded = _Bounded(unpacked)
            with tarfile.open(fileobj=bounded, mode="r|") as tar:  # type: ignore[call-overload]
                for member, file in _harmless(tar, bounded):
                    reading.take(member, file)
            while unpacked.read(2**20):
                pass
    except BenchError as error:
        raise BenchError(f"{archive}: {error}") from None
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise BenchError(f"{archive}: damaged ({error}); fetch it anew") from None


@dataclass
class _Bounded:
    """An unpacked archive, of which no more is read than its members and a little between them.

    What stands between them, names and attributes of any stated length, tarfile reads as a whole.
    """

    file: gzip.GzipFile
    left: int = LARGEST_BETWEEN

    def allow(self, member: tarfile.TarInfo) -> None:
        self.left = member.size + LARGEST_BETWEEN

    def read(self, size: int) -> bytes:
        content = self.file.read(size)
        self.left -= len(content)
        if self.left < 0:
            raise BenchError(f"holds over {LARGEST_BETWEEN:,} bytes of headers in a row; do not trust this archive")
        return content


def _harmless(tar: tarfile.TarFile, bounded: _Bounded) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Plain files in the archive's order; folders are passed over, anything else is refused."""
    while (member := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined]  # which tarfile keeps, millions of them
        bounded.allow(member)
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or "\\" in member.name:
            raise BenchError(f"member {member.name!r} would leave the folder; do not trust this archive")
        if member.issparse() or not (member.isfile() or member.isdir()):
            raise BenchError(f"member {member.name!r} is a link or a device; do not trust this archive")
        file = tar.extractfile(member) if member.isfile() else None
        if file is not None:
            yield member, file


def _lacking(folder: Path, clips: Collection[str]) -> set[str]:
    return {name for name in clips if not (folder / "clips" / name).is_file()}


def _keep(path: Path, content: bytes) -> None:
    write_atomically(path, lambda temporary: temporary.write_bytes(content))
