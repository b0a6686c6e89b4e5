"""Transformers' readers, whose every complaint becomes one line that names the arm and its folder."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from transformers import WhisperTokenizerFast

from bench.arms.vocabulary import Vocabulary, read_vocabulary
from bench.errors import BenchError


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
