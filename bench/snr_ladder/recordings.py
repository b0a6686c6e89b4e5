"""A folder of recorded noise, of which clips get pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bench.audio import SAMPLE_RATE, Audio
from bench.errors import BenchError

BLOCK = 2**20
"""Samples read at a time."""
FORMATS = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif"}


@dataclass(frozen=True)
class Recordings:
    """Its audio files in order of their names, and how many seconds each lasts."""

    folder: Path
    files: tuple[tuple[Path, float], ...]
    DRAWS: ClassVar[int] = 8
    """Pieces that are drawn before a clip is given up because they are all silent."""

    @classmethod
    @cache
    def of(cls, folder: Path) -> Recordings:
        """Read once a process. Raises BenchError for a folder without audio and for a file that is damaged."""
        if unset := re.search(r"\$\{?\w+\}?", str(folder)):
            raise BenchError(f"{folder}: {unset.group()} is not set; export it, or mend the condition's path")
        if not folder.is_dir():
            raise BenchError(f"{folder}: no such folder of recordings; mend the condition's path in the suite")
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in FORMATS)
        if not paths:
            raise BenchError(f"{folder}: no recording in it ({', '.join(sorted(FORMATS))}); mend the condition's path")
        return cls(folder, tuple((path, _check(path)) for path in paths))

    @cached_property
    def fingerprint(self) -> str:
        """Of the files' names and bytes."""
        digest = blake2b(digest_size=8)
        for path, _ in self.files:
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def draw(self, length: int, rng: np.random.Generator) -> tuple[Audio, dict[str, Any]]:
        """A piece of one file, every file as likely; a file shorter than that comes round and round."""
        path, seconds = self.files[int(rng.integers(len(self.files)))]
        offset = int(rng.integers(max(0, int(seconds * SAMPLE_RATE) - length) + 1)) / SAMPLE_RATE
        source = {"path": path.relative_to(self.folder).as_posix(), "offset_s": round(offset, 6)}
        return _read_piece(path, offset, length), source


def _check(path: Path) -> float:
    """Seconds of a file that was read from end to end. Raises BenchError where that cannot be done."""
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            frames = 0
            for block in file.blocks(BLOCK, dtype="float32"):
                if not np.isfinite(block).all():
                    raise BenchError(f"{path}: samples that are not numbers; mend this recording or take it out")
                frames += len(block)
            whole = frames == file.frames
    except soundfile.LibsndfileError as error:
        raise BenchError(f"{path}: {error.error_string}; mend this recording or take it out") from None
    if not frames or not whole:
        raise BenchError(f"{path}: damaged, {frames} samples of {file.frames}; mend this recording or take it out")
    return float(frames / file.samplerate)


def _read_piece(path: Path, offset: float, length: int) -> Audio:
    from audiomentations import AddBackgroundNoise

    add = AddBackgroundNoise(sounds_path=path, noise_rms="absolute", p=1.0)
    add.parameters = {
        "should_apply": True,
        "rms_db": 0.0,
        "noise_file_path": str(path),
        "offset": offset,
        "duration": length / SAMPLE_RATE,
    }
    add.freeze_parameters()
    return np.asarray(add(np.zeros(length, dtype=np.float32), SAMPLE_RATE))
