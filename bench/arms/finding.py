"""From the name of a model to its files on this machine."""

from __future__ import annotations

from hashlib import blake2b

from bench.arms.calibrated import conversion_folder
from bench.arms.calibration import ALLOCATION, CONVERSION
from bench.arms.fingerprints import hash_files
from bench.arms.source import ArmSource
from bench.arms.weights import weight_files
from bench.errors import BenchError
from bench.model_folders import find_folder, model_files
from bench.suite import RANDOM, ArmSpec

RECORDS = (CONVERSION, ALLOCATION, "recovery.json")
"""How a model was made: kept beside it, and no part of it."""


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
    folder = find_folder(files)
    try:
        weights = () if files.model.startswith(RANDOM) else weight_files(folder, files.allow_pickle)
    except BenchError as error:
        raise BenchError(f"arm {files.id}: {error}") from None
    found = {*weights, *(path for pattern in model_files(files) for path in folder.glob(pattern))}
    fingerprint = hash_files(path for path in found if path.name not in RECORDS)
    if files.model.startswith(RANDOM):
        fingerprint = blake2b(f"{files.model}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    if spec.built is not None:
        fingerprint = blake2b(f"{spec.built[0]}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    return ArmSource(spec, files, folder, fingerprint, weights)
