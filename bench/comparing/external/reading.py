"""One side of a comparison: hypotheses in Parquet, JSON Lines, TSV, CSV, SCTK's .trn or plain lines, as rows of one
shape.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from bench.errors import BenchError
from bench.io.parquet import read_columns
from bench.io.tabular import Row, clip_name, known, read_lines, read_rows
from bench.languages import WAY_OUT, code_of, is_tag

NAME, FILE = ("id", "utterance_id"), ("audio_filepath", "path")
ID = (*NAME, *FILE)
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
NAMES = ("speaker", "gender", "age", "accent")
"""Those of which a file may say that nobody knows."""
COLUMNS = ["id", "hypothesis", *OTHERS]
"""What a side is reduced to; a value is None where the file has no such column, or null in it."""
SUFFIXES = (".parquet", ".jsonl", ".json", ".tsv", ".csv", ".trn", ".txt")
PLAIN = ".txt"
"""A text a line, nothing else: the n-th line of one file belongs to the n-th of the others."""
LEADERBOARD = "MODEL_*_DATASET_*.jsonl"
"""What the Open ASR Leaderboard's scripts call the predictions of one model on one data set."""
CHUNK = {"parent_id", "chunk_index"}
"""Columns by which they tell what belongs together of a recording that was decoded in pieces."""


def read_side(path: Path, field: str | None) -> pd.DataFrame:
    """`COLUMNS` of a file, or of a folder of Parquet parts or of a leaderboard's predictions; hypotheses are in
    `field`, or where `HYPOTHESIS` says.

    Raises BenchError naming the file, and the row or what its columns should be called.
    """
    rows: list[dict[str, str | None]]
    if path.suffix == ".trn":
        lines = _trn_lines(path)
        speakers = speakers_of([name for name, _ in lines])
        rows = [
            {"id": name, "hypothesis": text, "speaker": speaker}
            for (name, text), speaker in zip(lines, speakers, strict=True)
        ]
    elif path.suffix == PLAIN:
        rows = [{"id": name, "hypothesis": text} for name, text in _plain_lines(path)]
    else:
        names = (field,) if field else HYPOTHESIS
        rows = [
            _picked(row, names) for row in _rows(path, {*ID, *names, *(name for of in OTHERS.values() for name in of)})
        ]
    if not rows:
        raise BenchError(f"{path}: holds no utterance; give another file")
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS).astype(object)
    return frame.where(frame.notna(), None)


def read_references(path: Path, language: str | None = None) -> dict[str, str]:
    """Id to reference: from a .trn, from plain lines, or from the reference column of any other format."""
    if path.suffix == PLAIN:
        return dict(_plain_lines(path))
    return dict(_trn_lines(path)) if path.suffix == ".trn" else _mapping(path, REFERENCE, language)


def read_speakers(path: Path, language: str | None = None) -> dict[str, str]:
    """Id to speaker, from a TSV (or any other format) with those two columns; empty where nobody is named."""
    return {name: known(speaker) for name, speaker in _mapping(path, SPEAKER, language).items()}


def speakers_of(utterances: Sequence[str]) -> list[str]:
    """SCTK's rule: the text before the first hyphen; without one, before the first underscore. Empty without either.

    A prefix that all ids share, as in all_00001, is the name of a set, and no speaker: empty.
    """
    separators = (next((mark for mark in "-_" if mark in name), None) for name in utterances)
    named = [name.split(mark, 1)[0] if mark else "" for name, mark in zip(utterances, separators, strict=True)]
    return named if len(set(named)) > 1 else [""] * len(named)


def _mapping(path: Path, names: Sequence[str], language: str | None) -> dict[str, str]:
    """Id to another column; of one language, where rows name it. An id may stand there again with the same value."""
    values: dict[str, str] = {}
    rows = _rows(path, {*ID, *names, *OTHERS["language"]})
    languages = [_code(row, row.cell(OTHERS["language"])) for row in rows]
    asked = None if language is None else code_of(language)
    others = set(languages) - {asked, None} if asked is not None and asked in languages else set()
    for row, of_row in zip(rows, languages, strict=True):
        if of_row in others:
            continue
        name, value = _id(row), _required(row, names)
        if values.setdefault(name, value) != value:
            raise BenchError(f"{path}: {name} has two values of {names[0]}; keep one")
    return values


def _picked(row: Row, hypothesis: Sequence[str]) -> dict[str, str | None]:
    """A null hypothesis is one that failed: empty. Its column must be there."""
    if set(row.cells) >= CHUNK:
        raise BenchError(
            f"{row.place} is a chunk, with its whole session's reference; join the chunks of each parent_id"
        )
    picked = {name: row.cell(names) for name, names in OTHERS.items()}
    picked |= {name: known(value) for name in NAMES if (value := picked[name]) is not None}
    picked["language"] = _code(row, picked["language"])
    text = row.cell(hypothesis)
    if text is None and not set(hypothesis) & set(row.cells):
        raise BenchError(
            f"{row.path}: row {row.number} has no {' or '.join(hypothesis)}, but {', '.join(row.cells)}; name it by "
            "--hypothesis-field"
        )
    return picked | {"id": _id(row), "hypothesis": text or ""}


def _code(row: Row, tag: str | None) -> str | None:
    """Whisper's code of a row's language."""
    if not known(tag or ""):
        return None
    if not is_tag(str(tag)):
        raise BenchError(f"{row.place}: language {tag!r} is none that is known; {WAY_OUT}, or leave the column out")
    return code_of(str(tag).strip())


def _id(row: Row) -> str:
    """The utterance's own name, else its file's, with the place where a segment of it begins."""
    name = row.cell(NAME)
    return clip_name(row, _required(row, ID)) if name is None else name


def _required(row: Row, names: Sequence[str]) -> str:
    value = row.cell(names)
    if value is None:
        raise BenchError(
            f"{row.path}: row {row.number} has no {' or '.join(names)}, but {', '.join(row.cells)}; rename or fill it"
        )
    return value


def _rows(path: Path, columns: Collection[str]) -> list[Row]:
    """Of a Parquet file those columns alone, and what tells arms apart; of others whatever they have."""
    if path.is_dir() and (predictions := sorted(path.glob(LEADERBOARD))):
        return [row for file in predictions for row in _of_data_set(file)]
    if path.suffix == ".parquet" or path.is_dir():
        parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        cells = [row for part in parts for row in read_columns(part, {*columns, "arm", "offset"})]
        rows = [Row(path, number, row, "row") for number, row in enumerate(cells, start=1)]
        arms = sorted({arm for row in rows if (arm := row.first(("arm",)))})
        if len(arms) > 1:
            raise BenchError(f"{path}: holds decodes of {', '.join(arms)}; put each arm's parts in a folder of its own")
        return rows
    if path.suffix not in SUFFIXES:
        raise BenchError(f"{path}: not one of {', '.join(SUFFIXES)}, nor a folder of Parquet parts; convert it")
    return list(read_rows(path))


def _of_data_set(file: Path) -> list[Row]:
    """A leaderboard's rows, each with its data set as the condition."""
    _, data_set = file.stem.split("_DATASET_", 1)
    return [replace(row, cells={"condition": data_set, **row.cells}) for row in read_rows(file)]


def _plain_lines(path: Path) -> list[tuple[str, str]]:
    """(line N, text) of every line, blank ones too: they are empty hypotheses."""
    lines = read_lines(path)
    texts = lines[:-1] if lines[-1] == "" else lines
    return [(f"line {number}", text.strip()) for number, text in enumerate(texts, start=1)]


def _trn_lines(path: Path) -> list[tuple[str, str]]:
    """(id, text) of every line; ids must differ."""
    lines: dict[str, str] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip() or line.startswith(";;"):
            continue
        text, opening, name = line.rstrip().removesuffix(")").rpartition("(")
        if not opening or ")" in name or not line.rstrip().endswith(")"):
            raise BenchError(f"{path}: line {number} does not end in an (id); mend the line")
        if "{" in text:
            raise BenchError(f"{path}: line {number} has alternatives in braces, which are not supported; choose one")
        name = name.strip()
        if name in lines:
            raise BenchError(f"{path}: {name} stands there twice; keep one line an utterance")
        lines[name] = text.strip()
    return list(lines.items())
