"""Rendered files against the same rendered anew."""

import re
from collections.abc import Iterator
from pathlib import Path

from bench.reporting.card import EVAL_RESULTS

OURS = re.compile(
    r"(table|slices|cost|robustness|thresholds|ladder-.+|conditions|memory|memory-.+|curve|curve-languages|frontier"
    r"|reproduction|card|card-.+|index)\.(md|csv|svg|png|html)"
)
"""Names that reports have; whatever else lies beside them is somebody's own, or of `bench data`."""


def changed_reports(rendered: Path, reports: Path) -> Iterator[str]:
    """A line a report that is missing, that differs, or that no record gives; none where nothing is rendered yet."""
    if not reports.is_dir():
        return
    for new in sorted(path for path in rendered.rglob("*") if path.is_file()):
        path = reports / new.relative_to(rendered)
        if not path.exists():
            yield f"{path}: missing beside the other reports; run `bench {_verb(new)}`"
            continue
        stored, expected = path.read_bytes(), new.read_bytes()
        if stored != expected:
            yield f"{path}: {_first_difference(stored, expected)}; run `bench {_verb(new)}`"
    for path in sorted(path for path in reports.rglob("*") if path.is_file() and _is_ours(path)):
        if not (rendered / path.relative_to(reports)).exists():
            yield f"{path}: not what the suite's records give (any more); run `bench {_verb(path)}`, or delete it"


def _is_ours(path: Path) -> bool:
    return path.parent.name == EVAL_RESULTS or OURS.fullmatch(path.name) is not None


def _verb(path: Path) -> str:
    """Of the command that renders a file."""
    if path.parent.name == EVAL_RESULTS:
        return "card"
    verbs = {"card": "card", "curve": "curve", "frontier": "curve", "index": "report"}
    return verbs.get(path.name.partition(".")[0].partition("-")[0], "table")


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
