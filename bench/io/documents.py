"""JSON and TOML as people and programs hand them over: what cannot be read is one line that names the place."""

import json
import math
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.io.files import Readable, read_bounded, write_atomically, write_text

MOST_BYTES = 2**28
"""Of a document: a tokenizer's vocabulary has some millions."""
BEYOND = "nested too deep, or a number too long"
Pairs = Callable[[list[tuple[str, Any]]], Any]


def parse_json(text: str | bytes, pairs: Pairs | None = None) -> Any:
    """`pairs`: what becomes of an object's names and values. Raises ValueError saying why in one line."""
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise ValueError(error.msg) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError):
        raise ValueError(BEYOND) from None


def read_json(path: Readable, way_out: str) -> Any:
    """A file's content. Raises BenchError where it cannot be read or is none, and says the way out."""
    try:
        return parse_json(read_bounded(path, MOST_BYTES))
    except ValueError as error:
        raise BenchError(f"{path} is damaged: {error}; {way_out}") from None


def write_json(path: Path, content: object) -> None:
    """Writes a file that is whole or not there; null where a number is none, which JSON does not have."""
    text = json.dumps(_known(content), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, partial(write_text, text))


def _known(content: Any) -> Any:
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, dict):
        return {name: _known(value) for name, value in content.items()}
    return list(map(_known, content)) if isinstance(content, list | tuple) else content


def read_toml(path: Path) -> dict[str, Any]:
    """A file's table. Raises BenchError where it cannot be read or is none."""
    try:
        return tomllib.loads(read_bounded(path, MOST_BYTES).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BenchError(f"{path}: not valid TOML: {error}") from None
    except (ValueError, RecursionError):
        raise BenchError(f"{path}: not valid TOML: {BEYOND}") from None
