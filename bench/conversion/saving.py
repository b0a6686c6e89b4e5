"""A converted model as a folder with the record of how it was made; and such a folder exported with its code."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from bench.arms import (
    ALLOCATION,
    CONVERSION,
    Arm,
    ArmSource,
    copy_processor,
    save_model,
    without_places,
    write_folder,
)
from bench.conversion.allocation.picture import write_widths
from bench.conversion.allocation.requested import describe
from bench.conversion.converting import Conversion, Damage
from bench.conversion_request import ConversionRequest
from bench.errors import BenchError
from bench.mla import modeling_whisper_mla
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.shapes import read_shapes
from bench.suite import without_place
from bench.version import __version__


def save_conversion(conversion: Conversion, request: ConversionRequest, arm: Arm, folder: Path) -> None:
    """Writes a folder that `bench` loads as an arm."""
    records = {CONVERSION: _record(conversion, request, arm)}
    allocation = conversion.allocation
    if allocation is None:
        save_model(conversion.model, arm.source, folder, records)
        return
    records[ALLOCATION] = describe(allocation)
    title = f"{folder.name}: where the latents' width is needed"
    save_model(conversion.model, arm.source, folder, records, partial(write_widths, allocation, title))


def export(source: ArmSource, folder: Path, add_files: Callable[[Path], None] | None = None) -> None:
    """Writes a folder that AutoModelForSpeechSeq2Seq loads with trust_remote_code on any machine, without this package.

    Weights are copied as they are; the widths in the config are those of the tensors. `add_files` may add what it
    likes. Raises BenchError for a plain Whisper, which needs no code, and for a model that brings code already.
    """
    config = source.read_json("config.json")
    if "auto_map" in config:
        raise BenchError(f"{source.folder}: brings its own code already; copy it as it is")
    latents = read_shapes(source.tensor_shapes())
    if not latents:
        raise BenchError(f"{source.folder}: holds no latent attention, so it loads without code; convert it first")
    code = Path(modeling_whisper_mla.__file__)
    name = WhisperMLAForConditionalGeneration.__name__
    config = without_places(config) | {"mla": latents, "architectures": [name]}
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": f"{code.stem}.{name}"}

    def write(partial: Path) -> None:
        copy_processor(source.folder, partial)
        weights = source.folder.glob("*.safetensors*")
        for path in (*weights, *(source.folder / name for name in _records(source)), code):
            shutil.copyfile(path, partial / path.name)
        (partial / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        if add_files is not None:
            add_files(partial)

    write_folder(folder, write)


def _records(source: ArmSource) -> list[str]:
    return [name for name in (CONVERSION, ALLOCATION) if (source.folder / name).is_file()]


def _record(conversion: Conversion, request: ConversionRequest, arm: Arm) -> dict[str, Any]:
    """From what, how, and what it did; no path, time or machine."""
    return {
        "bench": __version__,
        "base": without_place(arm.source.files.model),
        "original": arm.source.fingerprint,
        "request": asdict(request),
        "shapes": conversion.model.config.mla,
        "calibration": None if conversion.calibration is None else conversion.calibration.model_dump(mode="json"),
        "damage": None if conversion.damage is None else _damage(conversion.damage),
    }


def _damage(damage: Damage) -> dict[str, Any]:
    """Clips that are called by their path are told by their file's name."""
    return asdict(damage) | {"made_with": [_without_folder(name) for name in damage.made_with]}


def _without_folder(name: str) -> str:
    """en/clip.wav, whether the clip is called clip.wav or /somewhere/clip.wav."""
    language, _, clip = name.partition("/")
    return f"{language}/{without_place(clip)}"
