"""The demo's models in one archive: they share encoder and tokenizer, and packed together take a third of the bytes."""

import tarfile
from functools import cache, partial
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.io.files import cache_root, reason_of, write_atomically
from bench.io.unfinished import unfinished_folder

NAME = "models.tar.xz"
PRESET: Final = 9
"""Of xz: what it finds again lies up to 64 MiB back."""


def unpacked_models() -> Path:
    """The folder of all, in the cache folder by the archive's hash; whoever comes first unpacks it.

    Raises BenchError where nothing can be kept.
    """
    packed = Path(str(files("bench.demo"))) / NAME
    folder = cache_root() / f"demo-{_hash_of(packed)}"
    if not folder.is_dir():
        try:
            _unpack(packed, folder)
        except OSError as error:
            raise BenchError(
                f"{folder}: the demo's models cannot be kept there: {reason_of(error)}; set XDG_CACHE_HOME to a folder "
                "that may be written"
            ) from None
    return folder


def pack(models: Path, path: Path) -> None:
    """Writes the archive of a folder of models; the same files give the same bytes."""
    write_atomically(path, partial(_pack, models))


def _pack(models: Path, path: Path) -> None:
    with tarfile.open(path, "w:xz", preset=PRESET) as archive:
        for file in sorted(file for file in models.rglob("*") if file.is_file()):
            archive.add(file, file.relative_to(models).as_posix(), filter=_without_circumstance)


def _without_circumstance(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


def _unpack(packed: Path, folder: Path) -> None:
    """Beside its place, and renamed: what is there is whole, though several come first at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with unfinished_folder(folder) as whole:
        with tarfile.open(packed) as archive:
            for member in archive:
                path, content = whole / member.name, archive.extractfile(member)
                assert content is not None
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
        try:
            whole.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


@cache
def _hash_of(packed: Path) -> str:
    return blake2b(packed.read_bytes(), digest_size=8).hexdigest()
