"""Manifests: one clip a line, as JSON Lines or as TSV with a header."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.corpora.utterance import Utterance
from bench.errors import BenchError

AUDIO = ("path", "audio_filepath")
TEXT = ("text", "transcript", "sentence")
SPEAKER = ("speaker", "client_id")
LANGUAGE = ("lang", "language")

Row = Mapping[str, str]


def read_manifest(path: Path, languages: tuple[str, ...]) -> list[Utterance]:
    """All rows; those of the languages asked for must have their audio and ids of their own.

    A manifest without a language column must serve one language. Audio paths are relative to the manifest. A row's id
    is its `id` column, else its audio path. Raises BenchError naming the file and the row.
    """
    if not path.is_file():
        raise BenchError(f"{path}: no such manifest; set corpus.path in the suite or give --corpus-path")
    rows = _json_rows(path) if path.suffix in {".jsonl", ".json"} else _tsv_rows(path)
    found = [_utterance(path, line, row, languages) for line, row in rows]
    _require_unique_ids(path, [utterance for utterance in found if utterance.language in languages])
    return found


def _tsv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Rows with their line number. Quotes are ordinary characters: transcripts hold unmatched ones."""
    header, *rows = (line.split("\t") for line in _lines(path))
    for names in (AUDIO, TEXT):
        if not set(header) & set(names):
            raise BenchError(
                f"{path}: no column {' or '.join(names)} (tab-separated); the header is {', '.join(header)}; rename"
            )
    for number, row in enumerate(rows, start=2):
        if row == [""]:
            continue
        if len(row) != len(header):
            raise BenchError(f"{path}: line {number} has {len(row)} columns, the header {len(header)}; mend the row")
        yield number, dict(zip(header, row, strict=True))


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BenchError(f"{path}: line {number} is not JSON: {error.msg}; mend the row") from None
        if not isinstance(row, dict):
            raise BenchError(f"{path}: line {number} is not a JSON object; mend the row")
        yield number, {key: "" if value is None else str(value) for key, value in row.items()}


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise BenchError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _utterance(manifest: Path, line: int, row: Row, languages: tuple[str, ...]) -> Utterance:
    path = _first(row, AUDIO)
    text = _first(row, TEXT)
    language = _first(row, LANGUAGE) or (languages[0] if len(languages) == 1 else "")
    for value, names in ((path, AUDIO), (text, TEXT), (language, LANGUAGE)):
        if not value:
            raise BenchError(
                f"{manifest}: line {line} has no {names[0]} (column {' or '.join(names)}); fill or remove the row"
            )
    audio = manifest.parent / path
    if language in languages and not audio.is_file():
        raise BenchError(f"{manifest}: line {line}: no audio file {audio}; paths are relative to the manifest")
    return Utterance(
        id=row.get("id") or path,
        language=language,
        reference=text,
        speaker=_first(row, SPEAKER),
        audio=audio,
    )


def _first(row: Row, names: tuple[str, ...]) -> str:
    """The first non-empty value under any of the accepted column names."""
    return next((row[name].strip() for name in names if row.get(name, "").strip()), "")


def _require_unique_ids(path: Path, utterances: list[Utterance]) -> None:
    seen: set[tuple[str, str]] = set()
    for utterance in utterances:
        key = (utterance.language, utterance.id)
        if key in seen:
            raise BenchError(
                f"{path}: {utterance.id} stands twice under {utterance.language}; give every row its own id"
            )
        seen.add(key)
