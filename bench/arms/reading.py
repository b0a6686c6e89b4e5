"""A model's files, and transformers' readers of them: every complaint becomes one line that names arm and file."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import WhisperFeatureExtractor, WhisperTokenizerFast

from bench.arms.vocabulary import Vocabulary, read_vocabulary
from bench.errors import BenchError
from bench.io import documents

FRONT_END = {"feature_size": 1024, "n_fft": 2**16, "hop_length": 2**16, "sampling_rate": 768_000, "chunk_length": 3600}
"""The largest sizes of a front end that are built: far beyond any Whisper's."""
EVERY_WHISPERS = {
    **{"sampling_rate": 16_000, "n_fft": 400, "hop_length": 160},
    **{"padding_value": 0.0, "padding_side": "right", "dither": 0.0},
}
"""What no Whisper has otherwise: features that it was not taught, or noise, would pass for a conversion's cost."""


@contextmanager
def reading_files(arm_id: str, folder: Path) -> Iterator[None]:
    """Makes one line of whatever transformers, or a model's own code, raises over what it finds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BenchError:
        raise
    except Exception as error:  # noqa: BLE001 -- which one depends on the version, and on code that is not ours
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(
            f"arm {arm_id}: {folder} does not load: {reason}; export it anew, or run it where its code runs"
        ) from None


def read_extractor(arm_id: str, folder: Path) -> WhisperFeatureExtractor:
    """A model's front end. Raises BenchError where there is none, or it is no Whisper's."""
    path = folder / "preprocessor_config.json"
    for key, most in FRONT_END.items():
        value = read_json(arm_id, path).get(key)
        if isinstance(value, int | float) and not 0 < value <= most:
            raise BenchError(f"arm {arm_id}: {path} says {key} = {value}; at most {most:,}; copy the model's own")
    with reading_files(arm_id, folder):
        extractor = WhisperFeatureExtractor.from_pretrained(folder)
    for key, expected in EVERY_WHISPERS.items():
        if (value := getattr(extractor, key, expected)) != expected:
            raise BenchError(
                f"arm {arm_id}: the front end in {folder} says {key} = {value!r}, every Whisper's {expected!r}; copy "
                "the model's own"
            )
    return extractor


def read_json(arm_id: str, path: Path) -> dict[str, Any]:
    """One of a model's JSON files; empty if there is none. Raises BenchError if it is damaged or no object."""
    try:
        content = documents.read_json(path, "export the model anew") if path.is_file() else {}
        if not isinstance(content, dict):
            raise BenchError(f"{path} is damaged: it holds no JSON object; export the model anew")
    except BenchError as error:
        raise BenchError(f"arm {arm_id}: {error}") from None
    return content


def read_token_ids(arm_id: str, path: Path, keys: Iterable[str]) -> dict[str, list[int]]:
    """Lists of token ids that stand in a JSON file, without those that are empty or not there.

    Raises BenchError for what is no such list.
    """
    content = read_json(arm_id, path)
    lists = {key: content[key] for key in keys if content.get(key)}
    for key, tokens in lists.items():
        if not isinstance(tokens, list) or not all(type(token) is int and token >= 0 for token in tokens):
            raise BenchError(f"arm {arm_id}: {key} in {path} is no list of token ids; mend it")
    return lists


def read_tokenizer(arm_id: str, folder: Path) -> tuple[WhisperTokenizerFast, Vocabulary]:
    """Raises BenchError where there is none, or it is no Whisper's."""
    with reading_files(arm_id, folder):
        tokenizer = WhisperTokenizerFast.from_pretrained(folder)
    try:
        return tokenizer, read_vocabulary(tokenizer)
    except KeyError as error:
        raise BenchError(
            f"arm {arm_id}: the tokenizer in {folder} is missing or another model's (it has no {error.args[0]}); copy "
            "the model's own tokenizer.json"
        ) from None
