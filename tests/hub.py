"""A hub as it lies in the cache of somebody who downloaded from it: models, and corpora in Parquet."""

import io
import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha1
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile


def place(cache: Path, kind: str, repo: str, branch: str = "main") -> Path:
    """The empty folder of a snapshot that `branch` points to; kind: models or datasets."""
    root = cache / f"{kind}--{repo.replace('/', '--')}"
    commit = sha1(f"{kind} {repo}".encode()).hexdigest()
    reference = root / "refs" / branch
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(commit)
    folder = root / "snapshots" / commit
    folder.mkdir(parents=True)
    return folder


def place_model(cache: Path, repo: str, files: Path) -> str:
    """Returns its commit."""
    folder = place(cache, "models", repo)
    shutil.copytree(files, folder, dirs_exist_ok=True)
    return folder.name


def tone(seconds: float, hertz: float, file_format: str = "WAV") -> bytes:
    """A tone as an encoded file."""
    times = np.arange(int(16_000 * seconds)) / 16_000
    with io.BytesIO() as file:
        soundfile.write(file, 0.3 * np.sin(2 * np.pi * hertz * times), 16_000, format=file_format)
        return file.getvalue()


def fleurs_rows(texts: Sequence[str], clips: Sequence[bytes], names: str = "clip{}.wav") -> list[dict[str, object]]:
    """As google/fleurs has them: two readings of every sentence, no speakers, gender as a number."""
    return [
        {
            "id": 100 + number // 2,
            "num_samples": 16_000,
            "path": f"/somewhere/else/{names.format(number)}",
            "audio": {"bytes": clip, "path": names.format(number)},
            "transcription": text.lower(),
            "raw_transcription": text,
            "gender": number % 2,
            "lang_id": 0,
            "language": "Some",
        }
        for number, (text, clip) in enumerate(zip(texts, clips, strict=True))
    ]


def place_fleurs(cache: Path, configs: Mapping[str, list[dict[str, object]]]) -> str:
    """Rows by config, as the hub's own conversion to Parquet lays them out. Returns the commit."""
    folder = place(cache, "datasets", "google/fleurs", "refs/convert/parquet")
    for config, rows in configs.items():
        (folder / config / "test").mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / config / "test" / "0000.parquet")
    return folder.name
