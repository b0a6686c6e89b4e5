"""A converted model as a folder: weights, processor and the record of how it was made; and such a folder exported."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import __version__
from bench.arms import Arm, ArmSource
from bench.conversion.converting import Conversion, stored_dtype
from bench.conversion.request import ConversionRequest
from bench.errors import BenchError
from bench.mla import modeling_whisper_mla
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import read_shapes

RECORD = "conversion.json"
PROCESSOR_FILES = ("*.json", "*.txt")
NOT_THE_PROCESSORS = {"config.json", "model.safetensors.index.json", "pytorch_model.bin.index.json", RECORD}


def require_new(folder: Path) -> None:
    """Raises BenchError if something is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BenchError(f"{folder}: exists already and is not empty; name another folder or remove it")


def save_conversion(conversion: Conversion, request: ConversionRequest, arm: Arm, folder: Path) -> None:
    """Writes a folder that `bench` loads as an arm; processor and generation settings are the original's, unchanged."""

    def write(partial: Path) -> None:
        conversion.model.to(stored_dtype(arm)).save_pretrained(partial)
        _copy_processor(arm.source.folder, partial)
        (partial / RECORD).write_text(json.dumps(_record(conversion, request, arm), indent=2) + "\n", encoding="utf-8")

    _write_folder(folder, write)


def export(source: ArmSource, folder: Path) -> None:
    """Writes a folder that AutoModelForSpeechSeq2Seq loads with trust_remote_code on any machine, without this package.

    Weights are copied as they are; the widths in the config are those of the tensors. Raises BenchError for a plain
    Whisper, which needs no code, and for a model that brings code already.
    """
    config = source.read_json("config.json")
    if "auto_map" in config:
        raise BenchError(f"{source.folder}: brings its own code already; copy it as it is")
    latents = read_shapes(source.tensor_shapes())
    if not latents:
        raise BenchError(f"{source.folder}: holds no latent attention, so it loads without code; convert it first")
    code = Path(modeling_whisper_mla.__file__)
    name = WhisperMLAForConditionalGeneration.__name__
    config |= {"mla": latents, "architectures": [name]}
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": f"{code.stem}.{name}"}

    def write(partial: Path) -> None:
        _copy_processor(source.folder, partial)
        for path in (*source.folder.glob("*.safetensors*"), *source.folder.glob(RECORD), code):
            shutil.copyfile(path, partial / path.name)
        (partial / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

    _write_folder(folder, write)


def _write_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Under another name first: a folder that is there is whole."""
    require_new(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as parent:
        partial = Path(parent) / folder.name
        partial.mkdir()
        write(partial)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)


def _copy_processor(source: Path, target: Path) -> None:
    for path in _processor_files(source):
        shutil.copyfile(path, target / path.name)


def _processor_files(folder: Path) -> Iterable[Path]:
    found = (path for pattern in PROCESSOR_FILES for path in folder.glob(pattern))
    return (path for path in found if path.name not in NOT_THE_PROCESSORS)


def _record(conversion: Conversion, request: ConversionRequest, arm: Arm) -> dict[str, Any]:
    """From what, how, and what it did; no path, time or machine."""
    return {
        "bench": __version__,
        "original": arm.source.fingerprint,
        "request": asdict(request),
        "shapes": conversion.model.config.mla,
        "damage": None if conversion.damage is None else asdict(conversion.damage),
    }
