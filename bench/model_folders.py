"""From the name of a model to its folder, before any library is loaded: a mistake in it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.demo.packed import unpacked_models
from bench.errors import BenchError
from bench.io.files import require_writable
from bench.io.hub import find_snapshot, is_commit, page_of
from bench.mla.dimensions import WHISPERS
from bench.suite import RANDOM, TRANSFORMERS, ArmSpec, Suite

MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.py")
PICKLED_FILES = ("*.bin",)
DEMO = "demo:"


def find_folder(spec: ArmSpec) -> Path:
    """Resolves demo:NAME, a folder or a hub id. Raises BenchError saying what could not be had and how to get it."""
    folder = _folder(spec)
    if not folder.is_dir():
        way_out = "run `bench recover` on this suite first" if spec.start else "mend its name"
        raise BenchError(f"arm {spec.id}: no model folder {folder}; {way_out}")
    if not (folder / "config.json").is_file():
        raise BenchError(f"arm {spec.id}: {folder} holds no config.json, so it is no model folder; mend `model`")
    return folder


def require_folders(suite: Suite, arms: Iterable[ArmSpec]) -> None:
    """Raises BenchError for the first model that is not to be had, of those that transformers runs in any version."""
    for spec in map(suite.files_of, arms):
        if spec.runner == TRANSFORMERS and spec.transformers is None:
            find_folder(spec)


def require_new(folder: Path) -> None:
    """Raises BenchError if something is there already, or nothing can be written there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BenchError(f"{folder}: exists already and is not empty; name another folder or remove it")
    require_writable(folder.resolve().parent)


def model_files(spec: ArmSpec) -> tuple[str, ...]:
    """Patterns of the files in its folder that belong to the model."""
    return MODEL_FILES + (PICKLED_FILES if spec.allow_pickle else ())


def demo_models() -> list[str]:
    """The names of the models that ship with the package, as a suite writes them."""
    return sorted(f"{DEMO}{path.name}" for path in unpacked_models().iterdir())


def _folder(spec: ArmSpec) -> Path:
    if spec.model.startswith(DEMO):
        return _demo_folder(spec)
    if spec.model.startswith(RANDOM):
        return _processor_folder(spec)
    if Path(spec.model).is_absolute():
        return Path(spec.model)
    if spec.trust_remote_code and not is_commit(spec.revision):
        unset = "$" in (spec.revision or "")
        which = "is a variable that is not set" if unset else "may come to mean other code"
        raise BenchError(
            f"arm {spec.id}: runs code from the hub, and revision {spec.revision or '(none)'} {which}; "
            f"{'export' if unset else 'set revision to'} the commit that you have read (40 hex digits, at "
            f"{page_of('model', spec.model)}/commits), or name a local folder"
        )
    return _snapshot(spec)


def _demo_folder(spec: ArmSpec) -> Path:
    folder = unpacked_models() / spec.model.removeprefix(DEMO)
    if not folder.is_dir():
        raise BenchError(f"arm {spec.id}: no model {spec.model}; the demo has {', '.join(demo_models())}")
    return folder


def _processor_folder(spec: ArmSpec) -> Path:
    """Whose tokenizer and front end a model with random weights has."""
    size = spec.model.removeprefix(RANDOM)
    if size not in WHISPERS:
        raise BenchError(f"arm {spec.id}: no size {size}; the published ones are {', '.join(WHISPERS)}")
    if "$" in str(spec.processor):
        raise BenchError(f"arm {spec.id}: processor = {spec.processor}: its variable is not set; export it")
    return Path(str(spec.processor))


def _snapshot(spec: ArmSpec) -> Path:
    """Downloads a hub model, or finds it in the hub's cache."""
    try:
        return find_snapshot("model", spec.model, spec.revision, model_files(spec)).folder
    except BenchError as error:
        raise BenchError(f"arm {spec.id}: no folder {spec.model} beside the suite, and {error}") from None
