"""A split's .tsv: columns by name, quotes as ordinary characters, every rejected row counted by its reason."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from bench.errors import BenchError
from bench.io.tabular import known, require_distinct

REQUIRED = ("client_id", "path", "sentence")
ACCENT = ("accents", "accent")
"""Releases before 8 have `accent`."""
LONGEST_NAME = 255
LARGEST_TABLE, LARGEST_HEADER = 2**30, 2**16
"""Bytes; the tables of Common Voice's largest locale have some 700 million, and a header a hundred."""
SAFE = re.compile(r"^[^/\\\0]+$")


@dataclass(frozen=True)
class Clip:
    """One row: the file's name, what was read, by whom. Empty where the release does not say."""

    path: str
    sentence: str
    client_id: str
    gender: str
    age: str
    accent: str
    sentence_id: str


@dataclass(frozen=True)
class Split:
    """The rows that can be used, and how many cannot, by reason."""

    clips: tuple[Clip, ...]
    rejected: Mapping[str, int]


def parse_split(name: str, locale: str | None, content: bytes) -> Split:
    """Reads a split of one locale, or of any if that is None. `name` is what errors call the file.

    Raises BenchError where a required column is missing. Rejected: a wrong number of columns, text that is not UTF-8,
    no path or one that leaves the folder, an empty sentence, another locale's row, and of rows with one path all but
    the one whose bytes come first, so that the order of rows does not matter.
    """
    lines = (line.removesuffix(b"\n").removesuffix(b"\r") for line in BytesIO(content.removeprefix(b"\xef\xbb\xbf")))
    if content.find(b"\n", 0, LARGEST_HEADER) < 0 and len(content) > LARGEST_HEADER:
        raise BenchError(f"{name}: its first {LARGEST_HEADER:,} bytes hold no header; fetch it anew")
    header = next(lines, b"").decode("utf-8", errors="replace").split("\t")
    require_distinct(name, header)
    if missing := [column for column in REQUIRED if column not in header]:
        raise BenchError(f"{name}: no column {missing[0]}; the header is {', '.join(header)[:200]}; fetch it anew")
    rejected: Counter[str] = Counter()
    kept: dict[str, tuple[bytes, Clip]] = {}
    for line in lines:
        if not line:
            continue
        row, reason = _row(header, line)
        reason = reason or _fault(row, locale)
        if not reason and row["path"] in kept:
            reason = "duplicate path"
        if reason:
            rejected[reason] += 1
        if reason in {"", "duplicate path"} and line < kept.get(row["path"], (line + b" ",))[0]:
            kept[row["path"]] = (line, _clip(row))
    return Split(tuple(clip for _, clip in kept.values()), dict(sorted(rejected.items())))


def parse_durations(content: bytes) -> dict[str, float]:
    """Seconds by clip, from clip_durations.tsv. Rows that cannot be read are left out."""
    durations = {}
    for line in content.decode("utf-8", errors="replace").splitlines()[1:]:
        path, _, milliseconds = line.partition("\t")
        try:
            seconds = float(milliseconds) / 1000
        except ValueError:
            continue
        if 0 < seconds < float("inf"):
            durations[path] = seconds
    return durations


def _row(header: list[str], line: bytes) -> tuple[dict[str, str], str]:
    try:
        values = line.decode("utf-8").split("\t")
    except UnicodeDecodeError:
        return {}, "not UTF-8"
    if len(values) != len(header):
        return {}, "wrong number of columns"
    return dict(zip(header, values, strict=True)), ""


def _fault(row: Mapping[str, str], locale: str | None) -> str:
    """Why a row cannot be used, whatever the others; empty if it can."""
    path = row["path"]
    if not SAFE.match(path) or path in {".", ".."} or len(path.encode()) > LONGEST_NAME:
        return "no usable path"
    if not row["sentence"].strip():
        return "empty sentence"
    return "another locale" if locale is not None and row.get("locale", "") not in {"", locale} else ""


def _clip(row: Mapping[str, str]) -> Clip:
    return Clip(
        path=row["path"],
        sentence=row["sentence"].strip(),
        client_id=known(row["client_id"].strip()),
        gender=known(row.get("gender", "").strip()),
        age=known(row.get("age", "").strip()),
        accent=known(next((row[name].strip() for name in ACCENT if row.get(name, "").strip()), "")),
        sentence_id=row.get("sentence_id", "").strip(),
    )
