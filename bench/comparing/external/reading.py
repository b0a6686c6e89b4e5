"""One side of a comparison: hypotheses in Parquet, JSON Lines, TSV or SCTK's .trn, as rows of one shape."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.tabular import Row, is_plain, plain_text, read_lines, read_rows

ID = ("id", "utterance_id", "audio_filepath", "path")
REFERENCE = ("ref", "text", "reference")
HYPOTHESIS = ("pred_text", "hypothesis")
SPEAKER = ("speaker", "speaker_id", "client_id")
OTHERS = {
    "condition": ("condition",),
    "language": ("lang", "language"),
    "speaker": SPEAKER,
    "reference": REFERENCE,
    "gender": ("gender",),
    "age": ("age",),
    "accent": ("accent", "accents"),
    "finish": ("finish",),
    "audio_status": ("audio_status",),
    "detail": ("detail",),
}
COLUMNS = ["id", "hypothesis", *OTHERS]
"""What a side is reduced to; a value is None where the file has no such column, or null in it."""
SUFFIXES = (".parquet", ".jsonl", ".json", ".tsv", ".trn")
TRN_LINE = re.compile(r"^(?P<text>.*?)\s*\((?P<id>[^()]*)\)\s*$")


def read_side(path: Path, field: str | None) -> pd.DataFrame:
    """`COLUMNS` of a file, or of a folder of Parquet parts; hypotheses are in `field`, or where `HYPOTHESIS` says.

    Raises BenchError naming the file, and the row or what its columns should be called.
    """
    rows: list[dict[str, str | None]]
    if path.suffix == ".trn":
        rows = [{"id": name, "hypothesis": text, "speaker": speaker_of(name)} for name, text in _trn_lines(path)]
    else:
        names = (field,) if field else HYPOTHESIS
        rows = [_picked(path, number, row, names) for number, row in _rows(path)]
    if not rows:
        raise BenchError(f"{path}: holds no utterance; give another file")
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS).astype(object)
    return frame.where(frame.notna(), None)


def read_references(path: Path, language: str | None = None) -> dict[str, str]:
    """Id to reference: from a .trn, or from the reference column of any other format."""
    return dict(_trn_lines(path)) if path.suffix == ".trn" else _mapping(path, REFERENCE, language)


def read_speakers(path: Path, language: str | None = None) -> dict[str, str]:
    """Id to speaker, from a TSV (or any other format) with those two columns."""
    return _mapping(path, SPEAKER, language)


def speaker_of(utterance: str) -> str:
    """SCTK's rule: the text before the first hyphen; without one, before the first underscore. Empty without either."""
    separator = next((mark for mark in "-_" if mark in utterance), None)
    return utterance.split(separator, 1)[0] if separator else ""


def _mapping(path: Path, names: Sequence[str], language: str | None) -> dict[str, str]:
    """Id to another column; of one language, where rows name it. An id may stand there again with the same value."""
    values: dict[str, str] = {}
    rows = _rows(path)
    languages = [_first(row, OTHERS["language"]) for _, row in rows]
    others = set(languages) - {language, None, ""} if language in languages else set()
    for (number, row), of_row in zip(rows, languages, strict=True):
        if of_row in others:
            continue
        name, value = _required(path, number, row, ID), _required(path, number, row, names)
        if values.setdefault(name, value) != value:
            raise BenchError(f"{path}: {name} has two values of {names[0]}; keep one")
    return values


def _picked(path: Path, number: int, row: Row, hypothesis: Sequence[str]) -> dict[str, str | None]:
    """A null hypothesis is one that failed: empty. Its column must be there."""
    picked = {name: _first(row, names) for name, names in OTHERS.items()}
    text = _first(row, hypothesis)
    if text is None and not set(hypothesis) & set(row):
        raise BenchError(
            f"{path}: row {number} has no {' or '.join(hypothesis)}, but {', '.join(row)}; name it by "
            "--hypothesis-field"
        )
    return picked | {"id": _required(path, number, row, ID), "hypothesis": text or ""}


def _required(path: Path, number: int, row: Row, names: Sequence[str]) -> str:
    value = _first(row, names)
    if value is None:
        raise BenchError(f"{path}: row {number} has no {' or '.join(names)}, but {', '.join(row)}; rename or fill it")
    return value


def _first(row: Row, names: Sequence[str]) -> str | None:
    """The first of the accepted columns that the row has. An empty text is a value, null is none."""
    return next((value for name in names if (value := row.get(name)) is not None), None)


def _rows(path: Path) -> list[tuple[int, Row]]:
    if path.suffix == ".parquet" or path.is_dir():
        parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        rows = list(enumerate((row for part in parts for row in _parquet_rows(part)), start=1))
        arms = sorted({str(row["arm"]) for _, row in rows if row.get("arm")})
        if len(arms) > 1:
            raise BenchError(f"{path}: holds decodes of {', '.join(arms)}; put each arm's parts in a folder of its own")
        return [(number, _plain(path, number, row)) for number, row in rows]
    if path.suffix not in SUFFIXES:
        raise BenchError(f"{path}: not one of {', '.join(SUFFIXES)}, nor a folder of Parquet parts; convert it")
    return list(read_rows(path))


def _plain(path: Path, number: int, row: dict[str, Any]) -> Row:
    return {key: plain_text(path, number, value) for key, value in row.items() if is_plain(value)}


def _parquet_rows(path: Path) -> list[dict[str, Any]]:
    try:
        return list(pq.read_table(path).to_pylist())
    except (OSError, pa.ArrowInvalid) as error:
        raise BenchError(f"{path}: is no Parquet file that can be read ({error}); give another file") from None


def _trn_lines(path: Path) -> list[tuple[str, str]]:
    """(id, text) of every line; ids must differ."""
    lines: dict[str, str] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip() or line.startswith(";;"):
            continue
        match = TRN_LINE.match(line)
        if match is None:
            raise BenchError(f"{path}: line {number} does not end in an (id); mend the line")
        if "{" in match["text"]:
            raise BenchError(f"{path}: line {number} has alternatives in braces, which are not supported; choose one")
        name = match["id"].strip()
        if name in lines:
            raise BenchError(f"{path}: {name} stands there twice; keep one line an utterance")
        lines[name] = match["text"].strip()
    return list(lines.items())
