"""From the name of a model to its files on this machine."""

from __future__ import annotations

from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from bench.arms.calibrated import conversion_folder
from bench.arms.calibration import ALLOCATION, CONVERSION
from bench.arms.fingerprints import hash_files
from bench.arms.source import ArmSource
from bench.arms.weights import weight_files
from bench.errors import BenchError
from bench.io.hub import find_snapshot, is_commit, page_of
from bench.mla.dimensions import WHISPERS
from bench.suite import RANDOM, ArmSpec

MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.py")
PICKLED_FILES = ("*.bin",)
RECORDS = (CONVERSION, ALLOCATION, "recovery.json")
"""How a model was made: kept beside it, and no part of it."""
DEMO = "demo:"


def find_arm(spec: ArmSpec, files: ArmSpec | None = None) -> ArmSource:
    """Resolves demo:NAME, a folder or a hub id, of the arm that has the `files` if it is another one.

    A conversion on calibration clips has files of its own, once it is made. Raises BenchError saying what could not be
    had and how to get it.
    """
    files = files or spec
    if spec.calibrated is not None:
        folder = conversion_folder(spec, find_arm(files).fingerprint)
        if not folder.is_dir():
            raise BenchError(f"arm {spec.id}: {spec.model} is not made yet; `bench run` makes it")
        return find_arm(spec.model_copy(update={"model": str(folder)})).of(spec)
    folder = _folder(files)
    if not folder.is_dir():
        way_out = "run `bench recover` on this suite first" if files.start else "mend its name"
        raise BenchError(f"arm {files.id}: no model folder {folder}; {way_out}")
    if not (folder / "config.json").is_file():
        raise BenchError(f"arm {files.id}: {folder} holds no config.json, so it is no model folder; mend `model`")
    try:
        weights = () if files.model.startswith(RANDOM) else weight_files(folder, files.allow_pickle)
    except BenchError as error:
        raise BenchError(f"arm {files.id}: {error}") from None
    found = {*weights, *(path for pattern in _patterns(files) for path in folder.glob(pattern))}
    fingerprint = hash_files(path for path in found if path.name not in RECORDS)
    if files.model.startswith(RANDOM):
        fingerprint = blake2b(f"{files.model}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    if spec.built is not None:
        fingerprint = blake2b(f"{spec.built[0]}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    return ArmSource(spec, files, folder, fingerprint, weights)


def _patterns(spec: ArmSpec) -> tuple[str, ...]:
    return MODEL_FILES + (PICKLED_FILES if spec.allow_pickle else ())


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


def demo_models() -> list[str]:
    """The names of the models that ship with the package, as a suite writes them."""
    return sorted(f"{DEMO}{path.name}" for path in _demo_models().iterdir())


def _demo_models() -> Path:
    return Path(str(files("bench.demo") / "models"))


def _demo_folder(spec: ArmSpec) -> Path:
    folder = _demo_models() / spec.model.removeprefix(DEMO)
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
        return find_snapshot("model", spec.model, spec.revision, _patterns(spec)).folder
    except BenchError as error:
        raise BenchError(f"arm {spec.id}: no folder {spec.model} beside the suite, and {error}") from None
