"""A hub as it lies in the cache of somebody who downloaded from it: models, and corpora in Parquet."""

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha1
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from datasets import Audio, ClassLabel, Features, Value
from safetensors.numpy import load_file, save_file

from bench.corpora.demo import read_demo


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
    """Rows by config, as the hub's own conversion to Parquet lays and types them. Returns the commit."""
    numbers, texts = ("id", "num_samples", "lang_id"), ("path", "transcription", "raw_transcription", "language")
    features = Features(
        {name: Value("int32") for name in numbers}
        | {name: Value("string") for name in texts}
        | {"audio": Audio(sampling_rate=16_000), "gender": ClassLabel(names=["male", "female", "other"])}
    )
    folder = place(cache, "datasets", "google/fleurs", "refs/convert/parquet")
    for config, rows in configs.items():
        (folder / config / "test").mkdir(parents=True)
        table = pa.Table.from_pylist(rows, schema=features.arrow_schema)
        pq.write_table(table, folder / config / "test" / "0000.parquet")
    return folder.name


def stretch(model: Path, folder: Path, positions: int = 448) -> Path:
    """A copy of a demo model with as many text positions as the published ones have, the learned ones repeated."""
    shutil.copytree(model, folder)
    tensors = load_file(folder / "model.safetensors")
    name = "model.decoder.embed_positions.weight"
    tensors[name] = np.concatenate([tensors[name]] * (positions // len(tensors[name])))
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    for file, key in (("config.json", "max_target_positions"), ("generation_config.json", "max_length")):
        content = json.loads((folder / file).read_text(encoding="utf-8"))
        (folder / file).write_text(json.dumps(content | {key: positions}), encoding="utf-8")
    return folder


def demo_clips(language: str, count: int) -> tuple[list[str], list[bytes]]:
    """Texts and encoded audio (Opus) of the embedded corpus."""
    clips = [clip for clip in read_demo() if clip.language == language][:count]
    return [clip.reference for clip in clips], [clip.audio_bytes() for clip in clips]
