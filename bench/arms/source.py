"""An arm whose files are on this machine, and what they say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from bench.arms.calibration import CONVERSION, read_calibration
from bench.arms.reading import read_json, read_token_ids, read_tokenizer
from bench.arms.vocabulary import MAY_ACT
from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.errors import BenchError
from bench.io.hub import commit_of
from bench.mla.named import EXACT
from bench.mla.shapes import read_shapes
from bench.mla.sizes import make_config
from bench.suite import RANDOM, ArmSpec


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
