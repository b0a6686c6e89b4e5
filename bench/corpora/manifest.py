"""Manifests: one clip a line, as JSON Lines or as TSV with a header."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bench.audio import CONVERT, Segment
from bench.corpora.reading import PADDING
from bench.corpora.utterance import Utterance
from bench.errors import BenchError
from bench.io.files import is_file
from bench.io.tabular import Row, clip_name, read_rows
from bench.languages import WAY_OUT, code_of, is_tag, matches

AUDIO = ("path", "audio_filepath")
TEXT = ("text", "transcript", "sentence", "reference")
SPEAKER = ("speaker", "client_id")
LANGUAGE = ("lang", "language")
ACCENT = ("accent", "accents")
OFFSET = ("offset",)
SECONDS = ("duration", "audio_length_s")
LONGEST = 10_000_000
"""Seconds; nobody's recording has as many."""
UNREADABLE = {".m4a", ".mp4", ".aac"}
JSON_LINES = {".jsonl", ".json"}


def read_manifest(path: Path, languages: tuple[str, ...]) -> list[Utterance]:
    """All rows; those of the languages asked for must have their audio and ids of their own.

    As in NeMo or the Open ASR Leaderboard, or a TSV; a folder stands for the one manifest in it. A manifest without a
    language column must serve one language; rows of a language that is not asked for keep the tag they have. Audio
    paths are relative to it, and a row may be a segment of its file. Its id is the `id` column, else the audio path.
    Raises BenchError naming the file and the row.
    """
    if path.is_dir():
        path = _manifest_in(path)
    if not path.is_file():
        raise BenchError(f"{path}: no such manifest; set corpus.path in the suite or give --corpus-path")
    rows = list(read_rows(path))
    for row in rows[:1]:
        require_columns(row, AUDIO, TEXT)
    utterances = [_utterance(row, languages) for row in rows]
    _require_unique_ids(path, [utterance for utterance in utterances if utterance.language in languages])
    return utterances


def manifest_languages(path: Path) -> tuple[str, ...]:
    """Of all its rows, by Whisper's codes, in order of appearance. Raises BenchError where a row names none."""
    path = _manifest_in(path) if path.is_dir() else path
    if not path.is_file():
        raise BenchError(f"{path}: no such manifest")
    languages: dict[str, None] = {}
    for row in read_rows(path):
        if not (tag := tag_of(row)):
            raise BenchError(f"{row.place} names no language (column {' or '.join(LANGUAGE)}); fill it in")
        languages[code_of(tag)] = None
    return tuple(languages)


def _manifest_in(folder: Path) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix in {*JSON_LINES, ".tsv"})
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        if any(folder.glob("*/validated.tsv")) or any(folder.glob("*/test.tsv")):
            raise BenchError(f'{folder}: a release of Common Voice, which a suite reads: corpus.kind = "common-voice"')
        raise BenchError(f"{folder}: needs one .tsv or .jsonl manifest, has {names}; name the file itself")
    return found[0]


def require_columns(row: Row, *groups: Sequence[str]) -> None:
    """One of each group's, said once of a whole TSV rather than of each of its rows. Raises BenchError without."""
    for names in groups:
        if row.path.suffix not in JSON_LINES and not set(row.cells) & set(names):
            raise BenchError(
                f"{row.path}: no column {' or '.join(names)} (tab-separated); the header is {', '.join(row.cells)}; "
                "rename"
            )


def _utterance(row: Row, languages: tuple[str, ...]) -> Utterance:
    """Its language is the one asked for that the row's tag names, else that tag."""
    path, text = row.first(AUDIO), row.first(TEXT)
    tag = tag_of(row) or (languages[0] if len(languages) == 1 else "")
    for value, names in ((path, AUDIO), (text, TEXT), (tag, LANGUAGE)):
        if not value:
            raise BenchError(f"{row.place} has no {names[0]} (column {' or '.join(names)}); fill or remove the row")
    language, *others = matches(tag, languages) or [tag]
    if others:
        raise BenchError(f"{row.place}: language {tag!r} may be {language} or {others[0]} of the suite; write which")
    audio = row.path.parent / path
    if language in languages:
        _require_audio(row, audio)
    seconds, segment = _part(row)
    return Utterance(
        id=row.first(("id",)) or clip_name(row, path),
        language=language,
        reference=text,
        speaker=row.known(SPEAKER),
        audio=audio,
        gender=row.known(("gender",)),
        age=row.known(("age",)),
        accent=row.known(ACCENT),
        seconds=seconds,
        segment=segment,
    )


def tag_of(row: Row, names: Sequence[str] = LANGUAGE) -> str:
    """What the row calls its language. Raises BenchError for what cannot be a language."""
    tag = row.first(names)
    if tag and not is_tag(tag):
        raise BenchError(f"{row.place}: language {tag!r} is none that is known; {WAY_OUT}, or remove the row")
    return tag


def _require_audio(row: Row, audio: Path) -> None:
    if audio.suffix.lower() in UNREADABLE:
        raise BenchError(f"{row.place}: {audio.suffix} files are not read; {CONVERT}")
    if not is_file(audio):
        raise BenchError(
            f"{row.place}: no audio file {audio} (paths are relative to the manifest); restore it, or remove the row"
        )


def _part(row: Row) -> tuple[float | None, Segment]:
    """What a row says that its clip lasts, and which part of the file that is, as NeMo reads offset and duration.

    A file that lasts longer than its duration by no more than what rounding and an encoder's padding make is whole.
    """
    offset, duration = (_number(row, names) for names in (OFFSET, SECONDS))
    if duration is not None and not duration:
        raise BenchError(f"{row.place}: a duration of 0 seconds; mend it, or leave it out for the whole file")
    if duration is None:
        return None, Segment(float(offset or 0))
    exponent = duration.as_tuple().exponent
    unit = min(1.0, 10.0**exponent) if isinstance(exponent, int) else 0.0
    slack = 0.0 if offset else unit + PADDING
    return float(duration), Segment(float(offset or 0), float(duration), slack)


def _number(row: Row, names: tuple[str, ...]) -> Decimal | None:
    """Seconds as they are written, which says how exact they are."""
    text = row.first(names)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or not 0 <= number < LONGEST:
        raise BenchError(f"{row.place}: {names[0]} {text!r} is no number of seconds; mend the row")
    return number


def _require_unique_ids(path: Path, utterances: list[Utterance]) -> None:
    seen: set[tuple[str, str]] = set()
    for utterance in utterances:
        key = (utterance.language, utterance.id)
        if key in seen:
            raise BenchError(
                f"{path}: {utterance.id} stands twice under {utterance.language}; give every row its own id"
            )
        seen.add(key)
