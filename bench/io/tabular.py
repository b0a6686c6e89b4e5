"""Rows of text files as people hand them over: JSON Lines, TSV or CSV with a header."""

import csv
import io
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.errors import BenchError
from bench.io.documents import parse_json
from bench.io.files import read_bounded

MOST_BYTES = 2**28
"""Of a file of text: those of a million clips are fewer."""
NOBODY = {
    *("", "-", "--", "?", "none", "null", "nil", "nan", "n/a", "na", "undefined", "unspecified"),
    *("unknown", "<unk>", "unk", "anonymous"),
}
"""How files say that they do not know who or what it was, in lower case."""


@dataclass(frozen=True)
class Row:
    """One row of a file: its number there, and its cells by column, as they were written."""

    path: Path
    number: int
    cells: Mapping[str, object]
    unit: str = "line"
    """What the number counts."""

    @property
    def place(self) -> str:
        """The row as errors call it."""
        return f"{self.path}: {self.unit} {self.number}"

    def cell(self, names: Sequence[str]) -> str | None:
        """The text of the first of these columns that holds one, be it empty; None where none does."""
        return next((text for name in names if (text := self._text(name)) is not None), None)

    def first(self, names: Sequence[str]) -> str:
        """The first text of these columns that is not blank, stripped; else empty."""
        return next((text for name in names if (text := (self._text(name) or "").strip())), "")

    def known(self, names: Sequence[str]) -> str:
        """The same, empty where it says that nobody knows."""
        return known(self.first(names))

    def _text(self, name: str) -> str | None:
        return text_of(self.place, name, self.cells.get(name))


def text_of(place: str, column: str, value: object) -> str | None:
    """A cell as text: a number is the text of it, null and NaN are missing. Raises BenchError for anything else."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    if not is_text or (isinstance(value, float) and math.isinf(value)):
        written = json.dumps(value, default=str)
        raise BenchError(f"{place}: {column} is {written[:40]}, which is no text; mend the row")
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # which JSON can spell and no file could hold
        raise BenchError(f"{place} holds half a surrogate pair; mend the row") from None
    return text


def known(text: str) -> str:
    """A name or a trait as a file gives it; empty where it says that nobody knows: unknown, n/a, -, NaN, …."""
    return "" if text.strip().lower() in NOBODY else text


def clip_name(row: Row, path: str) -> str:
    """What a clip is called that has no name of its own: its path, and where in a longer recording it begins."""
    offset = row.first(("offset",))
    return f"{path}@{offset}" if offset.strip("0.") else path


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file: a .jsonl or .json file line by line, .csv as spreadsheets write it, anything else as TSV.

    Raises BenchError naming the file and the line.
    """
    if path.suffix == ".csv":
        return _csv_rows(path)
    return _json_rows(path) if path.suffix in {".jsonl", ".json"} else _tsv_rows(path)


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file. Raises BenchError where it cannot be read, or is more than a manifest."""
    try:
        text = read_bounded(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BenchError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def require_distinct(place: str, columns: Collection[str]) -> None:
    """Raises BenchError where two columns have one name, for then one of them would be read and not the other."""
    seen: set[str] = set()
    for name in columns:
        if name in seen and name.strip():
            raise BenchError(f"{place}: column {name} stands twice; rename or remove one of them")
        seen.add(name)


def _tsv_rows(path: Path) -> Iterator[Row]:
    """Rows of a TSV, whose quotes are ordinary characters: transcripts hold unmatched ones."""
    return _headed(path, (line.split("\t") for line in read_lines(path)), "line")


def _csv_rows(path: Path) -> Iterator[Row]:
    """Rows of a CSV: commas, and quotes around what holds one or a line end."""
    reader = csv.reader(io.StringIO("\n".join(read_lines(path))), strict=True)
    try:
        yield from _headed(path, (cells or [""] for cells in reader), "row")
    except csv.Error as error:
        raise BenchError(f"{path}: line {reader.line_num} is not CSV: {error}; mend the row") from None


def _headed(path: Path, lines: Iterator[list[str]], unit: str) -> Iterator[Row]:
    """Rows under a header; blank ones are passed over. `unit`: what their number counts, the header being 1."""
    header = next(lines, [""])
    require_distinct(str(path), header)
    for number, row in enumerate(lines, start=2):
        if row == [""]:
            continue
        if len(row) != len(header):
            raise BenchError(f"{path}: {unit} {number} has {len(row)} columns, the header {len(header)}; mend the row")
        yield Row(path, number, dict(zip(header, row, strict=True)), unit)


def _json_rows(path: Path) -> Iterator[Row]:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = parse_json(line, partial(_object, f"{path}: line {number}"))
        except ValueError as error:
            raise BenchError(f"{path}: line {number} is not JSON: {error}; mend the row") from None
        if not isinstance(row, dict):
            raise BenchError(f"{path}: line {number} is not a JSON object; mend the row")
        yield Row(path, number, row)


def _object(place: str, pairs: list[tuple[str, object]]) -> dict[str, object]:
    require_distinct(place, [name for name, _ in pairs])
    return dict(pairs)
