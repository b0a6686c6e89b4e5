"""A model as a folder that `bench` loads as an arm: new weights, the processor of the files it came from, records."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import GenerationConfig

from bench.arms.finding import RECORDS
from bench.arms.places import copy_settings
from bench.arms.source import ArmSource
from bench.errors import BenchError
from bench.io.files import reason_of
from bench.io.unfinished import unfinished_folder
from bench.model_folders import require_new

PROCESSOR_FILES = ("*.json", "*.txt")
DTYPES = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}
"""As safetensors names them."""
NOT_THE_PROCESSORS = {"config.json", "model.safetensors.index.json", "pytorch_model.bin.index.json", *RECORDS}


def save_model(
    model: Any,
    source: ArmSource,
    folder: Path,
    records: Mapping[str, Mapping[str, Any]],
    add_files: Callable[[Path], None] | None = None,
) -> None:
    """Weights in the dtype of the source's files; tokenizer, front end and generation settings as they are there.

    `records` are written beside it, as JSON, by name; then `add_files` may add what it likes. Raises BenchError where
    there is something already, or it cannot be written.
    """

    def write(partial: Path) -> None:
        model.generation_config = GenerationConfig()  # the source's own is copied as it is, valid or not
        _require_finite(model.to(stored_dtype(source)), folder)
        model.config.name_or_path = ""  # older versions store it
        model.save_pretrained(partial)
        copy_processor(source.folder, partial)
        for name, record in records.items():
            (partial / name).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        if add_files is not None:
            add_files(partial)

    write_folder(folder, write)


def _require_finite(model: Any, folder: Path) -> None:
    """In the dtype that is stored, whose range may be smaller."""
    for name, tensor in model.state_dict().items():
        if not bool(torch.isfinite(tensor).all()):
            raise BenchError(f"{folder}: not written: {name} holds values that are no {tensor.dtype} numbers")


def stored_dtype(source: ArmSource) -> torch.dtype:
    """The widest of the tensors in the model's files, whatever its config says; float32 where they are pickled."""
    dtypes = [DTYPES.get(name, torch.float32) for name in source.tensor_dtypes()]
    return max(dtypes, key=lambda dtype: dtype.itemsize, default=torch.float32)


def write_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Under another name first: a folder that is there is whole. Raises BenchError where it cannot be written."""
    require_new(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with unfinished_folder(folder) as partial:
            write(partial)
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
    except (OSError, SafetensorError) as error:  # which is how safetensors says that a disk is full
        reason = reason_of(error) if isinstance(error, OSError) else str(error).rpartition(": ")[2]
        raise BenchError(f"{folder}: cannot be written: {reason}; choose another place") from None


def copy_processor(source: Path, target: Path) -> None:
    """Everything but weights, the model's config and records; nothing that says where the files lay."""
    for path in _processor_files(source):
        copy_settings(path, target / path.name)


def _processor_files(folder: Path) -> Iterator[Path]:
    found = (path for pattern in PROCESSOR_FILES for path in folder.glob(pattern))
    return (path for path in found if path.name not in NOT_THE_PROCESSORS)
