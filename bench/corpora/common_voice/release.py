"""Finding a locale in what people have: a release folder, a folder of locales or archives, one archive, one locale."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.corpora.common_voice.locales import locales_of
from bench.errors import BenchError
from bench.suite.corpus import SPLITS

RELEASE = re.compile(r"cv-corpus-(?P<release>\d+(?:\.\d+)?(?:-delta)?-\d{4}-\d{2}-\d{2})")
ARCHIVE = re.compile(RELEASE.pattern + r"-(?P<locale>[A-Za-z][\w-]*)\.tar\.gz$")
DEPTH = 3
"""Folders below the one named that are looked into."""


@dataclass(frozen=True)
class Located:
    """Where a language's locale lies: a folder with its tsv files and clips/, or an archive; and of which release."""

    language: str
    locale: str
    release: str
    path: Path

    @property
    def is_archive(self) -> bool:
        return self.path.is_file()

    @property
    def is_default(self) -> bool:
        """Whether this is the locale that the language stands for."""
        return self.locale == locales_of(self.language)[0]


def locate(root: Path, language: str, split: str, release: str | None) -> Located:
    """The locale of one of Whisper's languages at or under a path, its release read off the names or as stated.

    Raises BenchError saying what is there instead, or what must be stated.
    """
    if not root.exists():
        raise BenchError(f"{root}: no such file or folder; set corpus.path or give --corpus-path")
    wanted = locales_of(language)
    everything = list(_candidates(root, split))
    matching = [each for each in everything if each.locale in wanted]
    if not matching and (splits := _splits(root, wanted)):
        raise BenchError(
            f"{root}: no {split}.tsv of locale {' or '.join(wanted)}; the splits there are {', '.join(splits)}; set "
            "corpus.split"
        )
    if not matching:
        there = ", ".join(sorted({each.locale for each in everything})) or "none"
        raise BenchError(
            f"{root}: no {split}.tsv or archive (cv-corpus-…-{wanted[0]}.tar.gz) of locale {' or '.join(wanted)} for "
            f"language {language!r}; the locales there are {there}; take it out of `languages` or add its release"
        )
    of_release = [each for each in matching if release in (None, each.release)] or [
        replace(each, release=release or "") for each in matching if not each.release
    ]
    if not of_release:
        held = sorted({each.release for each in matching})
        raise BenchError(f"{root}: holds release {', '.join(held)}, not corpus.release = {release!r}")
    first = min(wanted.index(each.locale) for each in of_release)
    best = [each for each in of_release if wanted.index(each.locale) == first]
    _require_one(root, best)
    return replace(best[0], language=language)


def _require_one(root: Path, best: Sequence[Located]) -> None:
    releases = sorted({each.release for each in best})
    if "" in releases:
        raise BenchError(
            f"{best[0].path}: no name says the release (as cv-corpus-17.0-2024-03-15 does), and splits differ from one "
            "to the next; state it as corpus.release"
        )
    if len(releases) > 1:
        raise BenchError(f"{root}: holds releases {', '.join(releases)}; choose one by corpus.release")
    paths = sorted({str(each.path.resolve()) for each in best})
    if len(paths) > 1:
        raise BenchError(f"{root}: {best[0].locale} is there more than once ({', '.join(paths)}); name one of them")


def _candidates(root: Path, split: str) -> Iterator[Located]:
    """Everything at or under a path that looks like a locale; an archive beside its extracted folder is left out."""
    if root.is_file():
        yield from _archives([root])
        return
    folders = list(_folders(root, DEPTH))
    extracted = [
        Located("", _locale_of(folder), _release_of(folder), folder)
        for folder in folders
        if (folder / f"{split}.tsv").is_file()
    ]
    yield from extracted
    have = {(each.locale, each.release) for each in extracted}
    archives = [path for folder in folders for path in sorted(folder.glob("*.tar.gz")) if path.is_file()]
    yield from (each for each in _archives(archives) if (each.locale, each.release) not in have)


def _splits(root: Path, locales: Sequence[str]) -> list[str]:
    """Those that are there of a locale."""
    folders = [folder for folder in _folders(root, DEPTH) if _locale_of(folder) in locales] if root.is_dir() else []
    return [split for split in SPLITS if any((folder / f"{split}.tsv").is_file() for folder in folders)]


def _folders(root: Path, depth: int) -> Iterator[Path]:
    """A folder and those below it, but for clips and what may not be looked into."""
    yield root
    try:
        below = sorted(path for path in root.iterdir() if path.name != "clips" and path.is_dir()) if depth else []
    except PermissionError:
        below = []
    for path in below:
        yield from _folders(path, depth - 1)


def _archives(paths: Sequence[Path]) -> Iterator[Located]:
    for path in paths:
        if match := ARCHIVE.search(path.name):
            yield Located("", match["locale"], match["release"], path)


def _locale_of(folder: Path) -> str:
    """The folder's name, or that of what it links to where that is the one beside a release."""
    resolved = folder.resolve()
    return resolved.name if folder.is_symlink() and RELEASE.search(resolved.parent.name) else folder.name


def _release_of(folder: Path) -> str:
    """The innermost folder name that says one, as named or as linked to; empty if none does."""
    for part in (*reversed(folder.absolute().parts), *reversed(folder.resolve().parts)):
        if match := RELEASE.search(part):
            return match["release"]
    return ""
