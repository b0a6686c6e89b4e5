"""Which files of a repository hold one split of one config, and where they are on this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from huggingface_hub import constants

from bench.errors import BenchError
from bench.io.hub import find_snapshot, list_files, resolve

PARQUET = "parquet"
METADATA = {"metadata.csv": "csv", "metadata.jsonl": "json", "metadata.parquet": PARQUET}
"""What lists the clips of a folder of audio, by how it is read."""
FILE_NAME = "file_name"
"""Its column of clips, as seen from where it lies."""
LISTED = rf"\.parquet|/[^/]+\.parquet|/({'|'.join(map(re.escape, METADATA))})"
"""How the name of a file goes on after its split's."""
SHARD = re.compile(r"-(\d{5})-of-(\d{5})\.parquet$")


@dataclass(frozen=True)
class Split:
    """Of a repository at `commit` (None: a local copy). `files`: paths, or hf:// addresses that are streamed.

    `kind`: how `datasets` reads them; `folder`: where the audio lies that they name, None where it is in them.
    """

    kind: str
    files: tuple[str, ...]
    folder: str | None
    commit: str | None


@dataclass(frozen=True)
class _Wanted:
    """One split of one config, in the folder that its names start with."""

    where: str
    split: str
    starts: tuple[str, ...]

    @classmethod
    def of(cls, repo: str, config: str | None, split: str) -> _Wanted:
        """As `datasets` and the hub's own conversion lay files out."""
        starts = ("", "data/") if config is None else (f"{config}/", f"data/{config}/")
        return cls(f"{repo}{f' {config}' if config else ''}, split {split}", split, starts)

    @property
    def forms(self) -> list[str]:
        """The ways in which its files may be laid out, of which the first that there is is taken."""
        names = [f"{self.split}/*", f"{self.split}.parquet", f"{self.split}-[0-9]*-of-[0-9]*.parquet"]
        if self.starts[0]:  # within its config's folder a name may begin with that of the corpus
            names += [f"*-{self.split}.parquet", f"*-{self.split}-[0-9]*-of-[0-9]*.parquet"]
        return [start + name for start in self.starts for name in names]

    def choose(self, names: Sequence[str], root: str, commit: str | None) -> Split:
        """Of all names in the repository at `root`: Parquet with the audio in it, else a folder of audio."""
        matching = next((found for form in self.forms if (found := [n for n in names if fnmatch(n, form)])), [])
        lists = [name for name in matching if PurePosixPath(name).name in METADATA]
        tables = [name for name in matching if name.endswith(".parquet") and name not in lists]
        if tables:
            self._require_every_shard(tables)
            return Split(PARQUET, tuple(f"{root}/{name}" for name in tables), None, commit)
        if len(lists) == 1:
            path = PurePosixPath(lists[0])
            return Split(METADATA[path.name], (f"{root}/{path}",), f"{root}/{path.parent}", commit)
        if any(f"partial-{self.split}/" in name for name in names):
            raise BenchError(f"{self.where}: the hub has converted only a part of it to Parquet; take another corpus")
        what = "several lists of clips" if lists else "neither Parquet nor a list of clips"
        splits = self._splits(names)
        there = f" (the splits there are {', '.join(splits)})" if splits else ""
        raise BenchError(
            f"{self.where}: {what} ({' or '.join(METADATA)}) among {', '.join(self.forms)}; mend corpus.config or "
            f"corpus.split{there}"
        )

    def _splits(self, names: Sequence[str]) -> list[str]:
        """Those that there are of the config."""
        form = re.compile(rf"({'|'.join(map(re.escape, self.starts))})(?P<split>[^/]+?)({SHARD.pattern}|{LISTED})")
        return sorted({match["split"] for name in names if (match := form.fullmatch(name))})

    def _require_every_shard(self, tables: Sequence[str]) -> None:
        shards = [match for name in tables if (match := SHARD.search(name))]
        if shards and len(shards) != int(shards[0][2]):
            raise BenchError(f"{self.where}: {len(shards)} of {int(shards[0][2])} files are there; fetch the others")


def find_split(
    repo: str, revision: str | None, local: Path | None, config: str | None, split: str, streaming: bool
) -> Split:
    """Downloads what is not in the hub's cache, unless it is to be streamed. Raises BenchError where it is not whole.

    `local`: a copy of the repository, instead of the hub.
    """
    wanted = _Wanted.of(repo if local is None else str(local), config, split)
    if local is not None:
        return wanted.choose(_names_in(local), str(local), None)
    if streaming and not constants.HF_HUB_OFFLINE:
        commit = resolve("dataset", repo, revision)  # first, so that all of it is of one
        names = list_files("dataset", repo, commit) or []
        return wanted.choose(names, f"hf://datasets/{repo}@{commit}", commit)
    snapshot = find_snapshot("dataset", repo, revision, wanted.forms)
    expected = list_files("dataset", repo, snapshot.commit)
    found = wanted.choose(expected or _names_in(snapshot.folder), str(snapshot.folder), snapshot.commit)
    if lacking := [name for name in found.files if not Path(name).is_file()]:
        raise BenchError(
            f"{wanted.where}: {len(lacking)} of its {len(found.files)} files are not in the hub's cache; download them "
            "where there is a network"
        )
    return found


def _names_in(folder: Path) -> list[str]:
    """Links that lead nowhere too: a file that should be there is not passed over."""
    paths = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in paths)
