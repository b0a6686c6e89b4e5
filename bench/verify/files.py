"""Rendered files against the same rendered anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.errors import BenchError
from bench.reporting.catalogue import CATALOGUE, Report, Sources, owner_of


def render_anew(sources: Sources, reports: Path, folder: Path) -> Iterator[str]:
    """Renders what `bench table` does, and whatever else stands among the reports; a line for what cannot be."""
    for report in CATALOGUE:
        if report.always or report.is_rendered(reports):
            yield from _tried(report, sources, folder)


def _tried(report: Report, sources: Sources, folder: Path) -> Iterator[str]:
    try:
        report.render(sources, folder)
    except BenchError as error:
        yield f"cannot be rendered anew: {error}"


def changed_reports(rendered: Path, reports: Path) -> Iterator[str]:
    """A line a report that is missing, that differs, or that no record gives; none where nothing is rendered yet."""
    if not reports.is_dir():
        return
    for new in sorted(path for path in rendered.rglob("*") if path.is_file()):
        name = new.relative_to(rendered)
        path = reports / name
        if not path.exists():
            yield f"{path}: missing beside the other reports; run `bench {_verb(name)}`"
            continue
        stored, expected = path.read_bytes(), new.read_bytes()
        if stored != expected:
            yield f"{path}: {_first_difference(stored, expected)}; run `bench {_verb(name)}`"
    for path in sorted(path for path in reports.rglob("*") if path.is_file()):
        name = path.relative_to(reports)
        if owner_of(name) is not None and not (rendered / name).exists():
            yield f"{path}: not what the suite's records give (any more); run `bench {_verb(name)}`, or delete it"


def _verb(path: Path) -> str:
    """What writes a report, by its path below the suite's folder."""
    owner = owner_of(path)
    return "table" if owner is None else owner.verb


def _first_difference(stored: bytes, expected: bytes) -> str:
    """The first line that differs, for a text."""
    try:
        pairs = [content.decode().splitlines() for content in (stored, expected)]
    except UnicodeDecodeError:
        return "not the picture that its records give"
    for number, (old, new) in enumerate(zip(*pairs, strict=False), start=1):
        if old != new:
            at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            start = max(0, at - 20)
            return f"line {number} reads …{old[start : at + 20]!r}, rendered anew …{new[start : at + 20]!r}"
    if len(pairs[0]) == len(pairs[1]):
        return "other line endings than those it is rendered with"
    return f"{len(pairs[0])} lines, rendered anew {len(pairs[1])}"
