"""From the name of a model to its files on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.resources import files
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from bench.arms.calibrated import conversion_folder
from bench.arms.calibration import ALLOCATION, CONVERSION, read_calibration
from bench.arms.fingerprints import hash_files
from bench.arms.reading import read_json, read_token_ids, read_tokenizer
from bench.arms.vocabulary import MAY_ACT
from bench.arms.weights import weight_files
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.errors import BenchError
from bench.io.hub import commit_of, find_snapshot, is_commit, page_of
from bench.mla.dimensions import WHISPERS
from bench.mla.named import EXACT
from bench.mla.shapes import read_shapes
from bench.mla.sizes import make_config
from bench.suite import RANDOM, ArmSpec

MODEL_FILES = ("*.safetensors", "*.json", "*.txt", "*.py")
PICKLED_FILES = ("*.bin",)
RECORDS = (CONVERSION, ALLOCATION, "recovery.json")
"""How a model was made: kept beside it, and no part of it."""
DEMO = "demo:"


@dataclass(frozen=True)
class ArmSource:
    """An arm whose files are on this machine; `fingerprint` is a hash of everything in them that can move a number.

    `files` is the arm they belong to: the arm itself, or the one that it is built from when it is loaded. `weights` lie
    in the folder; none where they are random.
    """

    spec: ArmSpec
    files: ArmSpec
    folder: Path
    fingerprint: str
    weights: tuple[Path, ...] = ()

    def of(self, spec: ArmSpec) -> ArmSource:
        """The same files as another arm's."""
        return replace(self, spec=spec)

    @property
    def commit(self) -> str | None:
        """Of the hub, where its files are from there."""
        return commit_of(self.folder)

    def prompt_tokens(self) -> int:
        """How many of the decoder's positions every prompt takes. Raises BenchError for an unfit tokenizer."""
        return read_tokenizer(self.spec.id, self.folder)[1].prompt_tokens

    def generation_settings(self) -> dict[str, list[int]]:
        """Those of its files that `MAY_ACT` on decoding; of config.json where it is too old for a generation config.

        Raises BenchError where they are no token ids.
        """
        dedicated = self.folder / "generation_config.json"
        path = dedicated if dedicated.is_file() else self.folder / "config.json"
        return read_token_ids(self.spec.id, path, MAY_ACT)

    def parameters(self) -> int | None:
        """How many numbers the weights hold, tied ones once; None for weights that are pickled or not made yet."""
        if self.spec.built is not None and self.spec.built[0] != EXACT:
            return None
        return sum(prod(shape) for shape in self.tensor_shapes().values()) or None

    def calibration(self) -> CalibratedLanguages | None:
        """In which languages its conversion was calibrated; None where it was not, or where that is not known.

        Raises BenchError for a record that is damaged.
        """
        return None if self.spec.built is not None else read_calibration(self.spec.id, self.folder)

    def conversion(self) -> ConversionRecord | None:
        """How it was converted; None where its files hold no latent attention.

        Raises BenchError for a record that is damaged.
        """
        shapes = {} if self.spec.built is not None else read_shapes(self.tensor_shapes())
        if not shapes:
            return None
        try:
            return ConversionRecord.of(self.read_json("config.json"), shapes, self.read_json(CONVERSION))
        except (KeyError, TypeError, AttributeError, ValueError):
            raise BenchError(
                f"arm {self.spec.id}: {CONVERSION} or config.json in {self.folder} is damaged; convert the model anew"
            ) from None

    def max_positions(self) -> int:
        """Of the decoder. Raises BenchError for a config that does not say."""
        if self.files.model.startswith(RANDOM):
            return int(make_config(self.files.model.removeprefix(RANDOM)).max_target_positions)
        try:
            return int(self.read_json("config.json")["max_target_positions"])
        except (KeyError, TypeError, ValueError):
            raise BenchError(
                f"arm {self.spec.id}: config.json in {self.folder} gives no max_target_positions; export the model anew"
            ) from None

    def tensor_dtypes(self) -> set[str]:
        """Of the model's weights, as safetensors names them; empty where they are pickled."""
        return {dtype for dtype, _ in self._tensors().values()}

    def tensor_shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the model's weights by name; empty where they are pickled. Raises BenchError if a file is damaged."""
        return {name: shape for name, (_, shape) in self._tensors().items()}

    def _tensors(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Dtype and shape of every tensor, from the files' headers."""
        found: dict[str, tuple[str, tuple[int, ...]]] = {}
        for path in self.weights:
            if path.suffix != ".safetensors":
                continue
            try:
                with safe_open(path, framework="numpy") as weights:
                    slices = {name: weights.get_slice(name) for name in weights.keys()}  # noqa: SIM118
                    found |= {name: (each.get_dtype(), tuple(each.get_shape())) for name, each in slices.items()}
            except (SafetensorError, OSError) as error:
                raise BenchError(f"arm {self.spec.id}: {path} is damaged: {error}; export the model anew") from None
        return found

    def read_json(self, name: str) -> dict[str, Any]:
        """One of the model's JSON files; empty if there is none. Raises BenchError if it is damaged."""
        return read_json(self.spec.id, self.folder / name)


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
    patterns = MODEL_FILES + (PICKLED_FILES if files.allow_pickle else ())
    found = {*weights, *(path for pattern in patterns for path in folder.glob(pattern))}
    fingerprint = hash_files(path for path in found if path.name not in RECORDS)
    if files.model.startswith(RANDOM):
        fingerprint = blake2b(f"{files.model}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    if spec.built is not None:
        fingerprint = blake2b(f"{spec.built[0]}\0{fingerprint}".encode(), digest_size=8).hexdigest()
    return ArmSource(spec, files, folder, fingerprint, weights)


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
    patterns = MODEL_FILES + (PICKLED_FILES if spec.allow_pickle else ())
    try:
        return find_snapshot("model", spec.model, spec.revision, patterns).folder
    except BenchError as error:
        raise BenchError(f"arm {spec.id}: no folder {spec.model} beside the suite, and {error}") from None
