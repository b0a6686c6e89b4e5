"""A CTranslate2 folder: what must be in it, and what its files say, read without loading it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.arms.fingerprints import hash_files
from bench.audio import SAMPLE_RATE
from bench.errors import BenchError
from bench.suite import ArmSpec

PATTERNS = ("*.bin", "*.json", "*.txt")
"""The files that CTranslate2 and faster-whisper read; all of them are in the fingerprint."""
REQUIRED = ("config.json", "model.bin", "tokenizer.json")
"""For a tokenizer that is not there faster-whisper takes another model's, from the hub."""
WINDOW_SECONDS = 30
"""Where preprocessor_config.json does not say another."""
SUPPRESSED = {"suppress_tokens": "suppress_ids", "begin_suppress_tokens": "suppress_ids_begin"}
"""Transformers' names of the tokens that a model never says, or never says first; CTranslate2's of the same."""


@dataclass(frozen=True)
class CTranslate2Source:
    """A folder that is on this machine."""

    spec: ArmSpec
    folder: Path
    fingerprint: str

    @property
    def files(self) -> ArmSpec:
        return self.spec

    @property
    def commit(self) -> str | None:
        return None

    def parameters(self) -> int | None:
        """Not known: what is stored may be quantised."""
        return None

    def read_json(self, name: str) -> dict[str, Any]:
        """One of its files; empty if there is none. Raises BenchError if it is damaged."""
        path = self.folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            if not isinstance(content, dict):
                raise ValueError("no JSON object")
        except ValueError as error:
            raise BenchError(f"arm {self.spec.id}: {path} is damaged: {error}; convert the model anew") from None
        return content

    def window(self) -> int:
        """Samples."""
        seconds = self.read_json("preprocessor_config.json").get("chunk_length", WINDOW_SECONDS)
        if not isinstance(seconds, int) or seconds <= 0:
            raise BenchError(
                f"arm {self.spec.id}: chunk_length in the preprocessor_config.json of {self.folder} is {seconds!r}; "
                "copy the model's own"
            )
        return seconds * SAMPLE_RATE

    def suppressed(self) -> dict[str, list[int]]:
        """The tokens that it never says, and never says first, by transformers' names."""
        config = self.read_json("config.json")
        tokens = {name: config.get(theirs) or [] for name, theirs in SUPPRESSED.items()}
        for name, ids in tokens.items():
            if not isinstance(ids, list) or not all(type(token) is int and token >= 0 for token in ids):
                raise BenchError(
                    f"arm {self.spec.id}: {SUPPRESSED[name]} in {self.folder / 'config.json'} is no list of token ids; "
                    "convert the model anew"
                )
        return {name: ids for name, ids in tokens.items() if ids}


def find_folder(spec: ArmSpec) -> CTranslate2Source:
    """Raises BenchError for a folder that is not there or not whole, and where the extra is not installed."""
    for package in ("faster-whisper", "ctranslate2"):
        installed(spec, package)
    folder = Path(spec.model)
    if not folder.is_dir():
        raise BenchError(
            f'arm {spec.id}: no folder {spec.model} beside the suite; runner = "faster-whisper" takes a CTranslate2 '
            "folder, which ct2-transformers-converter makes"
        )
    for name in REQUIRED:
        if not (folder / name).is_file():
            raise BenchError(
                f"arm {spec.id}: {folder} holds no {name}, so it is no whole CTranslate2 folder; make it with "
                "ct2-transformers-converter --copy_files tokenizer.json preprocessor_config.json"
            )
    fingerprint = hash_files(path for pattern in PATTERNS for path in folder.glob(pattern))
    return CTranslate2Source(spec, folder, fingerprint)


def installed(spec: ArmSpec, package: str) -> str:
    """The version of one of the extra's packages. Raises BenchError naming the extra."""
    try:
        return version(package)
    except PackageNotFoundError:
        raise BenchError(
            f'arm {spec.id}: runner = "faster-whisper" needs {package}, which is not installed; pip install '
            "'whisper-mla-bench[faster-whisper]'"
        ) from None
