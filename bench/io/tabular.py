"""Rows of text files as people hand them over: JSON Lines, or TSV with a header."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.errors import BenchError

Row = Mapping[str, str | None]
"""Text by column; None where the file says null. Columns that hold lists or objects are left out."""


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a file with their line numbers: a .jsonl or .json file line by line, anything else as TSV.

    Raises BenchError naming the file and the line.
    """
    return _json_rows(path) if path.suffix in {".jsonl", ".json"} else _tsv_rows(path)


def first_of(row: Row, names: tuple[str, ...]) -> str:
    """The first non-empty value under any of the accepted column names."""
    return next((value for name in names if (value := (row.get(name) or "").strip())), "")


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file. Raises BenchError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise BenchError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise BenchError(f"{path}: cannot be read: {error.strerror}; give another file") from None


def _tsv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Rows of a TSV, whose quotes are ordinary characters: transcripts hold unmatched ones."""
    header, *rows = (line.split("\t") for line in read_lines(path))
    for number, row in enumerate(rows, start=2):
        if row == [""]:
            continue
        if len(row) != len(header):
            raise BenchError(f"{path}: line {number} has {len(row)} columns, the header {len(header)}; mend the row")
        yield number, dict(zip(header, row, strict=True))


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BenchError(f"{path}: line {number} is not JSON: {error.msg}; mend the row") from None
        if not isinstance(row, dict):
            raise BenchError(f"{path}: line {number} is not a JSON object; mend the row")
        yield number, {key: plain_text(path, number, value) for key, value in row.items() if is_plain(value)}


def is_plain(value: object) -> bool:
    """Whether a value is text, a number or null, not a list or an object."""
    return value is None or isinstance(value, str | int | float)


def plain_text(path: Path, number: int, value: object) -> str | None:
    """A value as text. Raises BenchError for half of a character, which JSON can spell and no file could hold."""
    text = None if value is None else str(value)
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        raise BenchError(f"{path}: line {number} holds half a surrogate pair; mend the row") from None
    return text
