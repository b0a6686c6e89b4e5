"""Which files of a repository hold one split of one config, and where they are on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub import HfApi, constants

from bench.errors import BenchError
from bench.hub import find_snapshot

PARQUET_TABLES = "parquet"
TABLES = {".parquet"}
AUDIO = {".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff", ".aif"}
METADATA = {"metadata.csv", "metadata.jsonl", "metadata.parquet"}


@dataclass(frozen=True)
class Split:
    """Of a repository at `commit` (None: a local folder). `files`: paths, or hf:// addresses that are streamed.

    `kind`: how `datasets` reads them.
    """

    kind: str
    files: tuple[str, ...]
    commit: str | None


def find_split(
    repo: str, revision: str | None, local: Path | None, config: str | None, split: str, streaming: bool
) -> Split:
    """Downloads what is not in the hub's cache, unless it is to be streamed. Raises BenchError where there is nothing.

    `local`: a copy of the repository, instead of the hub.
    """
    patterns = _patterns(config, split)
    if local is None and streaming and not constants.HF_HUB_OFFLINE:
        return _streamed(repo, revision, patterns, f"{config or repo}, split {split}")
    if local is None:
        snapshot = find_snapshot("dataset", repo, revision, patterns)
        folder, commit = snapshot.folder, snapshot.commit
    else:
        folder, commit = local, None
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    kind, chosen = _choose(names, patterns, f"{repo if local is None else local}: {config or 'no config'}", split)
    return Split(kind, tuple(str(folder / name) for name in chosen), commit)


def _patterns(config: str | None, split: str) -> tuple[str, ...]:
    """As `datasets` and the hub's own conversion lay files out: by folder, or by the beginning of a name."""
    starts = ("", "data/") if config is None else (f"{config}/", f"data/{config}/")
    return tuple(f"{start}{name}" for start in starts for name in (f"{split}[-./]*", f"*-{split}[-.]*"))


def _choose(names: list[str], patterns: tuple[str, ...], where: str, split: str) -> tuple[str, list[str]]:
    matching = [name for name in names if any(fnmatch(name, pattern) for pattern in patterns)]
    tables = [name for name in matching if Path(name).suffix in TABLES and Path(name).name not in METADATA]
    if tables:
        return PARQUET_TABLES, tables
    clips = [name for name in matching if Path(name).suffix.lower() in AUDIO or Path(name).name in METADATA]
    if not clips:
        raise BenchError(
            f"{where} has neither Parquet nor audio of a split {split} (looked for {', '.join(patterns)}); mend "
            "corpus.config or corpus.split"
        )
    if not any(Path(name).name in METADATA for name in clips):
        raise BenchError(f"{where}, split {split}: audio without a metadata.csv or .jsonl of its texts; add one")
    return "audiofolder", clips


def _streamed(repo: str, revision: str | None, patterns: tuple[str, ...], where: str) -> Split:
    """Nothing is downloaded beforehand: the commit first, so that all of it is of one."""
    commit = find_snapshot("dataset", repo, revision, ["README.md"]).commit
    names = HfApi().list_repo_files(repo, repo_type="dataset", revision=commit)
    kind, chosen = _choose(names, patterns, f"{repo}: {where}", patterns[0])
    return Split(kind, tuple(f"hf://datasets/{repo}@{commit}/{name}" for name in chosen), commit)
