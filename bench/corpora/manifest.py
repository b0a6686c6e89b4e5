"""Manifests: one clip a line, as JSON Lines or as TSV with a header."""

from pathlib import Path

from bench.audio import CONVERT
from bench.corpora.utterance import Utterance
from bench.errors import BenchError
from bench.io.tabular import Row, first_of, read_rows

AUDIO = ("path", "audio_filepath")
TEXT = ("text", "transcript", "sentence", "reference")
SPEAKER = ("speaker", "client_id")
LANGUAGE = ("lang", "language")
ACCENT = ("accent", "accents")
SECONDS = ("duration", "audio_length_s")
UNREADABLE = {".m4a", ".mp4", ".aac"}
JSON_LINES = {".jsonl", ".json"}


def read_manifest(path: Path, languages: tuple[str, ...]) -> list[Utterance]:
    """All rows; those of the languages asked for must have their audio and ids of their own.

    As in NeMo or the Open ASR Leaderboard, or a TSV; a folder stands for the one manifest in it. A manifest without a
    language column must serve one language. Audio paths are relative to it. A row's id is its `id` column, else its
    audio path. Raises BenchError naming the file and the row.
    """
    if path.is_dir():
        path = _manifest_in(path)
    if not path.is_file():
        raise BenchError(f"{path}: no such manifest; set corpus.path in the suite or give --corpus-path")
    rows = list(read_rows(path))
    for _, row in rows[:1]:
        _require_columns(path, row)
    found = [_utterance(path, line, row, languages) for line, row in rows]
    _require_unique_ids(path, [utterance for utterance in found if utterance.language in languages])
    return found


def manifest_languages(path: Path) -> tuple[str, ...]:
    """Of all its rows, in order of appearance. Raises BenchError where a row names none."""
    path = _manifest_in(path) if path.is_dir() else path
    if not path.is_file():
        raise BenchError(f"{path}: no such manifest")
    languages: dict[str, None] = {}
    for line, row in read_rows(path):
        languages[language := first_of(row, LANGUAGE)] = None
        if not language:
            raise BenchError(f"{path}: line {line} names no language (column {' or '.join(LANGUAGE)}); fill it in")
    return tuple(languages)


def _manifest_in(folder: Path) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix in {*JSON_LINES, ".tsv"})
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise BenchError(f"{folder}: needs one .tsv or .jsonl manifest, has {names}; name the file as corpus.path")
    return found[0]


def _require_columns(path: Path, row: Row) -> None:
    """Said once of a whole TSV, rather than of each of its rows."""
    for names in (AUDIO, TEXT):
        if path.suffix not in JSON_LINES and not set(row) & set(names):
            raise BenchError(
                f"{path}: no column {' or '.join(names)} (tab-separated); the header is {', '.join(row)}; rename"
            )


def _utterance(manifest: Path, line: int, row: Row, languages: tuple[str, ...]) -> Utterance:
    path = first_of(row, AUDIO)
    text = first_of(row, TEXT)
    language = first_of(row, LANGUAGE) or (languages[0] if len(languages) == 1 else "")
    for value, names in ((path, AUDIO), (text, TEXT), (language, LANGUAGE)):
        if not value:
            raise BenchError(
                f"{manifest}: line {line} has no {names[0]} (column {' or '.join(names)}); fill or remove the row"
            )
    audio = manifest.parent / path
    if first_of(row, ("offset",)) not in {"", "0", "0.0"}:
        raise BenchError(f"{manifest}: line {line}: a segment with an offset; cut it into a file of its own")
    if language in languages and audio.suffix.lower() in UNREADABLE:
        raise BenchError(f"{manifest}: line {line}: {audio.suffix} files are not read; {CONVERT}")
    if language in languages and not audio.is_file():
        raise BenchError(
            f"{manifest}: line {line}: no audio file {audio} (paths are relative to the manifest); restore it, or "
            "remove the row"
        )
    return Utterance(
        id=row.get("id") or path,
        language=language,
        reference=text,
        speaker=first_of(row, SPEAKER),
        audio=audio,
        gender=first_of(row, ("gender",)),
        age=first_of(row, ("age",)),
        accent=first_of(row, ACCENT),
        seconds=_seconds(manifest, line, first_of(row, SECONDS)),
    )


def _seconds(manifest: Path, line: int, value: str) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        raise BenchError(f"{manifest}: line {line}: duration {value!r} is no number of seconds; mend the row") from None


def _require_unique_ids(path: Path, utterances: list[Utterance]) -> None:
    seen: set[tuple[str, str]] = set()
    for utterance in utterances:
        key = (utterance.language, utterance.id)
        if key in seen:
            raise BenchError(
                f"{path}: {utterance.id} stands twice under {utterance.language}; give every row its own id"
            )
        seen.add(key)
