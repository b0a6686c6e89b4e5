"""What pages link to outside docs/ (records, reports, pictures) goes into the site, at its path in the repository.

So links are written as a forge follows them, from file to file, and hold in the site as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
DOCS = "docs"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)(?=[)#])")
"""Where a link of Markdown leads, without its anchor; none to another site."""
INCLUDED = re.compile(r"^<!-- all of (\S+) -->$", re.MULTILINE)
"""Stands for the text of a file, by its path in the repository."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds every file of the repository that a page leads to, and those that they lead to."""
    waiting = [f"{DOCS}/{file.src_uri}" for file in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for found in _files_linked(path, _read(path)):
            if found in seen:
                continue
            seen.add(found)
            files.append(_file(found, config))
            if found.endswith(".md"):
                waiting.append(found)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns paths in the repository into paths in the site."""
    source = page.file.src_uri
    path = source if page.file.generated_by else f"{DOCS}/{source}"
    folder = str(PurePosixPath(source).parent)
    return LINK.sub(lambda link: relpath(_in_site(_target(path, link[1])), folder), _with_included(path, markdown))


def _read(path: str) -> str:
    return _with_included(path, (ROOT / path).read_text(encoding="utf-8"))


def _with_included(path: str, text: str) -> str:
    """With files that it is to hold, without their titles, their links made relative to it."""

    def include(found: re.Match[str]) -> str:
        _, _, body = (ROOT / found[1]).read_text(encoding="utf-8").partition("\n")
        folder = str(PurePosixPath(path).parent)
        return LINK.sub(lambda link: relpath(_target(found[1], link[1]), folder), body)

    return INCLUDED.sub(include, text)


def _target(path: str, link: str) -> str:
    """The path in the repository that a link in a file leads to."""
    return normpath(f"{PurePosixPath(path).parent}/{link}")


def _files_linked(path: str, text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        target = _target(path, link)
        if not target.startswith(f"{DOCS}/") and (ROOT / target).is_file():
            yield target


def _in_site(path: str) -> str:
    """A file of docs/ lies at the root; a link that leads nowhere stays one, which the build reports."""
    return path.removeprefix(f"{DOCS}/")


def _file(path: str, config: MkDocsConfig) -> File:
    return File.generated(config, path, abs_src_path=os.fspath(ROOT / path))
