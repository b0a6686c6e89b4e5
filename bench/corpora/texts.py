"""Sentences without audio: a language each, as Common Voice lists them or as a manifest has them."""

from pathlib import Path

from bench.corpora.manifest import LANGUAGE, TEXT, require_columns, tag_of
from bench.corpora.sampling import sample_texts
from bench.errors import BenchError
from bench.io.tabular import read_rows
from bench.languages import code_of

LANGUAGES = (*LANGUAGE, "locale")


def read_texts(path: Path, count: int, seed: int) -> dict[str, tuple[str, ...]]:
    """`count` sentences of each language, by Whisper's codes, none twice; rows without a sentence say nothing.

    Raises BenchError for a file that cannot be read, a row that names no language, and where no row has a sentence.
    """
    if not path.is_file():
        raise BenchError(f"{path}: no such file; give one with columns {TEXT[2]} and {LANGUAGES[-1]}")
    texts: dict[str, list[str]] = {}
    for row in read_rows(path):
        if not texts:
            require_columns(row, TEXT, LANGUAGES)
        if not (text := row.first(TEXT)):
            continue
        if not (tag := tag_of(row, LANGUAGES)):
            raise BenchError(f"{row.place} names no language (column {' or '.join(LANGUAGES)}); fill it in")
        texts.setdefault(code_of(tag), []).append(text)
    if not texts:
        raise BenchError(f"{path}: no row has a sentence (column {' or '.join(TEXT)}); give another file")
    return {language: sample_texts(of_language, count, seed) for language, of_language in texts.items()}
