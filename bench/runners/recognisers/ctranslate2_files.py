"""A CTranslate2 folder: what must be in it, and what its files say, read without loading it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.arms.fingerprints import hash_files
from bench.arms.reading import read_json, read_token_ids
from bench.audio import SAMPLE_RATE
from bench.errors import BenchError
from bench.runners.recognisers.foreign import ForeignSource
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
class CTranslate2Source(ForeignSource):
    """A folder that is on this machine."""

    folder: Path

    def read_json(self, name: str) -> dict[str, Any]:
        """One of its files; empty if there is none. Raises BenchError if it is damaged."""
        return read_json(self.spec.id, self.folder / name)

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
        tokens = read_token_ids(self.spec.id, self.folder / "config.json", SUPPRESSED.values())
        return {name: tokens[theirs] for name, theirs in SUPPRESSED.items() if theirs in tokens}


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
    return CTranslate2Source(spec, fingerprint, folder)


def installed(spec: ArmSpec, package: str) -> str:
    """The version of one of the extra's packages. Raises BenchError naming the extra."""
    try:
        return version(package)
    except PackageNotFoundError:
        raise BenchError(
            f'arm {spec.id}: runner = "faster-whisper" needs {package}, which is not installed; pip install '
            "'whisper-mla-bench[faster-whisper]'"
        ) from None
