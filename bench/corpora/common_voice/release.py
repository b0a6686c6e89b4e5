"""Finding a locale in what people have: a release folder, a folder of locales or archives, one archive, one locale."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpora.common_voice.locales import locales_of
from bench.errors import BenchError

RELEASE = re.compile(r"cv-corpus-(?P<release>\d+(?:\.\d+)?(?:-delta)?-\d{4}-\d{2}-\d{2})")
ARCHIVE = re.compile(RELEASE.pattern + r"-(?P<locale>[A-Za-z][\w-]*)\.tar\.gz$")


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


def locate(root: Path, language: str, split: str, release: str | None) -> Located:
    """The locale of one of Whisper's languages at or under a path, its release read off the names or as stated.

    Raises BenchError saying what is there instead, or that the release must be stated.
    """
    if not root.exists():
        raise BenchError(f"{root}: no such file or folder; set corpus.path or give --corpus-path")
    found = list(_candidates(root, split))
    wanted = locales_of(language)
    matching = sorted((wanted.index(each.locale), str(each.path), each) for each in found if each.locale in wanted)
    if not matching:
        there = ", ".join(sorted({each.locale for each in found})) or "none"
        raise BenchError(
            f"{root}: no {split}.tsv or archive of locale {' or '.join(wanted)} for language {language!r}; the locales "
            f"there are {there}; take it out of `languages` or add its release"
        )
    best = [each for rank, _, each in matching if rank == matching[0][0] and release in (None, "", each.release)]
    named = {each.release for each in best}
    if len(named) > 1:
        raise BenchError(f"{root}: holds releases {', '.join(sorted(named))}; choose one by corpus.release")
    if not best:
        held = sorted({each.release for _, _, each in matching} - {""})
        if held:
            raise BenchError(f"{root}: holds release {', '.join(held)}, not corpus.release = {release!r}")
        best = [each for _, _, each in matching]
    known = best[0].release or release
    if not known:
        raise BenchError(
            f"{best[0].path}: no name says the release (as cv-corpus-17.0-2024-03-15 does), and splits differ from one "
            "to the next; state it as corpus.release"
        )
    return Located(language, best[0].locale, known, best[0].path)


def _candidates(root: Path, split: str) -> Iterator[Located]:
    """Everything at most two levels down that looks like a locale; archives that lie beside their folder come last."""
    if root.is_file():
        yield from _archives([root])
        return
    folders = [root, *sorted(path for path in root.iterdir() if path.is_dir())]
    folders += [deeper for folder in folders[1:] for deeper in sorted(folder.iterdir()) if deeper.is_dir()]
    extracted = [
        Located("", folder.name, _release_of(folder), folder)
        for folder in folders
        if (folder / f"{split}.tsv").is_file()
    ]
    yield from extracted
    have = {(each.locale, each.release) for each in extracted}
    for each in _archives(sorted(root.glob("*.tar.gz"))):
        if (each.locale, each.release) not in have:
            yield each


def _archives(paths: Sequence[Path]) -> Iterator[Located]:
    for path in paths:
        if match := ARCHIVE.search(path.name):
            yield Located("", match["locale"], match["release"], path)


def _release_of(folder: Path) -> str:
    """The innermost folder name that says one; empty if none does."""
    for part in reversed(folder.resolve().parts):
        if match := RELEASE.search(part):
            return match["release"]
    return ""
