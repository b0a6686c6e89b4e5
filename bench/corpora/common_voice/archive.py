"""One locale's archive, streamed: its tables, and no clip but those that are asked for, go to a cache."""

import os
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from bench.errors import BenchError
from bench.files import write_atomically

DURATIONS = "clip_durations.tsv"
Choose = Callable[[bytes], Collection[str]]
"""From the split's content to the names of the clips that are wanted."""


def cache_folder(archive: Path) -> Path:
    """`$XDG_CACHE_HOME` or ~/.cache, by the archive's name and size."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "whisper-mla-bench" / f"{archive.name.removesuffix('.tar.gz')}-{archive.stat().st_size}"


def extract(archive: Path, locale: str, split: str, choose: Choose) -> Path:
    """The cache folder with the split, the durations and the chosen clips, like an extracted locale.

    Members are read in their order and never by path: one that is absolute, climbs out, or is no plain file is
    refused. The archive is read once, or twice where its clips come before the split; not at all where everything is
    in the cache. Raises BenchError for an archive that is damaged or lacks the split or a chosen clip.
    """
    folder = cache_folder(archive)
    wanted: set[str] | None = None
    if (folder / f"{split}.tsv").is_file():
        wanted = _lacking(folder, choose((folder / f"{split}.tsv").read_bytes()))
    passes = 0
    while wanted is None or wanted:
        if passes == 2:
            break
        try:
            wanted = _stream(archive, locale, split, folder, choose, wanted)
        except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
            raise BenchError(f"{archive}: damaged ({error}); fetch it anew") from None
        passes += 1
    if wanted:
        names = sorted(wanted)
        raise BenchError(f"{archive}: lacks {len(names)} clips of its own {split}.tsv ({names[0]}, …); fetch it anew")
    return folder


def _stream(archive: Path, locale: str, split: str, folder: Path, choose: Choose, wanted: set[str] | None) -> set[str]:
    """One reading: keeps tables and wanted clips, returns the clips still lacking."""
    for member, file in _members(archive):
        path = PurePosixPath(member.name)
        if len(path.parts) < 2 or path.parts[-2] not in {locale, "clips"}:
            continue
        if path.parts[-2] == locale and path.name in {f"{split}.tsv", DURATIONS}:
            content = file.read()
            _keep(folder / path.name, content)
            if path.name != DURATIONS and wanted is None:
                wanted = _lacking(folder, choose(content))
        elif path.parts[-2] == "clips" and wanted and path.name in wanted:
            _keep(folder / "clips" / path.name, file.read())
            wanted.discard(path.name)
    if wanted is None:
        raise BenchError(f"{archive}: holds no {locale}/{split}.tsv; is it the archive of that locale?")
    return wanted


def _members(archive: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Plain files in the archive's order; folders are passed over, anything else is refused."""
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            _require_harmless(archive, member)
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                yield member, file


def _require_harmless(archive: Path, member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise BenchError(f"{archive}: member {member.name!r} would leave the folder; do not trust this archive")
    if not (member.isfile() or member.isdir()):
        raise BenchError(f"{archive}: member {member.name!r} is a link or a device; do not trust this archive")


def _lacking(folder: Path, clips: Collection[str]) -> set[str]:
    return {name for name in clips if not (folder / "clips" / name).is_file()}


def _keep(path: Path, content: bytes) -> None:
    write_atomically(path, lambda temporary: temporary.write_bytes(content))
