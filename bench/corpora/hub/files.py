"""Which files of a repository hold one split of one config, and where they are on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from huggingface_hub import HfApi, constants

from bench.errors import BenchError
from bench.hub import find_snapshot

PARQUET = "parquet"
METADATA = {"metadata.csv": "csv", "metadata.jsonl": "json", "metadata.parquet": PARQUET}
"""What lists the clips of a folder of audio, by how it is read."""
FILE_NAME = "file_name"
"""Its column of clips, as seen from where it lies."""


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
    """One split of one config; `patterns`: the names that its files may have."""

    where: str
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, repo: str, config: str | None, split: str) -> _Wanted:
        """As `datasets` and the hub's own conversion lay files out: by folder, or by the beginning of a name."""
        starts = ("", "data/") if config is None else (f"{config}/", f"data/{config}/")
        names = (f"{split}[-./]*", f"*-{split}[-.]*")
        where = f"{repo}{f' {config}' if config else ''}, split {split}"
        return cls(where, tuple(start + name for start in starts for name in names))

    def choose(self, names: Sequence[str], root: str, commit: str | None) -> Split:
        """Of all names in the repository at `root`: Parquet with the audio in it, else a folder of audio."""
        matching = [name for name in names if any(fnmatch(name, pattern) for pattern in self.patterns)]
        lists = [name for name in matching if PurePosixPath(name).name in METADATA]
        tables = [name for name in matching if name.endswith(".parquet") and name not in lists]
        if tables:
            return Split(PARQUET, tuple(f"{root}/{name}" for name in tables), None, commit)
        if len(lists) == 1:
            path = PurePosixPath(lists[0])
            return Split(METADATA[path.name], (f"{root}/{path}",), f"{root}/{path.parent}", commit)
        found = "several lists of clips" if lists else "neither Parquet nor a list of clips"
        raise BenchError(
            f"{self.where}: {found} ({' or '.join(METADATA)}) among {', '.join(self.patterns)}; mend corpus.config or "
            "corpus.split"
        )


def find_split(
    repo: str, revision: str | None, local: Path | None, config: str | None, split: str, streaming: bool
) -> Split:
    """Downloads what is not in the hub's cache, unless it is to be streamed. Raises BenchError where there is nothing.

    `local`: a copy of the repository, instead of the hub.
    """
    wanted = _Wanted.of(repo if local is None else str(local), config, split)
    if local is not None:
        return wanted.choose(_names_in(local), str(local), None)
    if streaming and not constants.HF_HUB_OFFLINE:
        commit = find_snapshot("dataset", repo, revision, ["README.md"]).commit  # first, so that all of it is of one
        names = HfApi().list_repo_files(repo, repo_type="dataset", revision=commit)
        return wanted.choose(sorted(names), f"hf://datasets/{repo}@{commit}", commit)
    snapshot = find_snapshot("dataset", repo, revision, wanted.patterns)
    return wanted.choose(_names_in(snapshot.folder), str(snapshot.folder), snapshot.commit)


def _names_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
