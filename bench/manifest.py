"""The manifest of a suite's results: what was decoded, of which models and clips, with which settings, and where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.corpus_identity import CorpusIdentity, Record
from bench.errors import BenchError
from bench.io.files import write_text
from bench.io.places import Place, write_whole
from bench.suite import CLEAN, TRANSFORMERS


class DecodeSettings(Record):
    """The resolved settings of an arm's decodes: the suite's, the program's, the model's own, and the environment.

    Its dump is what part keys and signatures hash. `generation`: what the model's own files change about greedy
    decoding; `prompt_tokens`: of every transcript; `gpu`: whose kernels decoded, None on a CPU. What is not known of a
    `runner`, or has another name there, is None: a command is told neither device nor token budget, and CTranslate2 has
    a `compute_type` instead of a dtype. `window`: the most samples that a command is given, None without a limit.
    """

    device: str | None
    dtype: str | None
    batch: int | None
    max_new_tokens: int | None
    long_clips: str
    nll: bool
    beams: int | None
    temperature: int | None
    task: str
    attention: str | None
    recipe: int
    kv: str | None
    prompt_tokens: int | None
    generation: Mapping[str, Any]
    audio: str
    resampler: str
    torch: str | None
    transformers: str | None
    gpu: str | None = None
    runner: str = TRANSFORMERS
    compute_type: str | None = None
    faster_whisper: str | None = None
    ctranslate2: str | None = None
    window: int | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """On a CPU nothing is said of a GPU, and where transformers decodes nothing of other runners."""
        silent: dict[str, Any] = dict.fromkeys(("gpu", "compute_type", "faster_whisper", "ctranslate2", "window"))
        silent["runner"] = TRANSFORMERS
        return {key: value for key, value in dump(self).items() if key not in silent or value != silent[key]}


class ArmRecord(Record):
    """An arm that is decoded in full.

    `model` (of a command, its words) and `revision` are as the suite names its files, `commit` the hub's for them;
    `parameters` of its weights, None where they are not known; `calibration`: in which languages its conversion was
    calibrated, None where it was not, or where that is not known; `conversion`: how it was converted, where its files
    hold latent attention. By cell ("language/condition"), `material`
    fingerprints what the audio is made from besides the clips, and `parts` are the keys of its decodes in order;
    `hashes` are of those files, by key.
    """

    model: str
    revision: str | None
    commit: str | None
    fingerprint: str
    parameters: int | None
    settings: DecodeSettings
    material: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, tuple[str, ...]]
    hashes: Mapping[str, str]
    calibration: CalibratedLanguages | None = None
    conversion: ConversionRecord | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of an arm that was not calibrated or converted, nothing is said of it."""
        absent = {key for key in ("calibration", "conversion") if getattr(self, key) is None}
        return {key: value for key, value in dump(self).items() if key not in absent}

    @model_validator(mode="after")
    def _every_part_has_its_hash(self) -> Self:
        if {key for keys in self.parts.values() for key in keys} != set(self.hashes):
            raise ValueError("hashes: of other parts than those listed")
        return self

    def clean(self) -> ArmRecord:
        """Of its clean cells alone, into which no material goes."""
        parts = {cell: keys for cell, keys in self.parts.items() if cell.endswith(f"/{CLEAN}")}
        hashes = {key: self.hashes[key] for keys in parts.values() for key in keys}
        return self.model_copy(update={"parts": parts, "hashes": hashes, "material": {}})


class Manifest(Record):
    """`suite` holds what decodes depend on, as the suite of that run said it; `arms` are by id.

    `utterances`: the hash of utterances.parquet, in which is what the corpus says of the clips.
    """

    bench: str
    corpus: CorpusIdentity
    utterances: str
    suite: Mapping[str, Any]
    arms: Mapping[str, ArmRecord]

    @property
    def parameters(self) -> dict[str, int | None]:
        """Of every arm's model, where known."""
        return {arm_id: arm.parameters for arm_id, arm in self.arms.items()}

    def list_unheard(self, arms: Iterable[str], languages: Sequence[str]) -> list[str]:
        """A line for each of the arms whose calibration did not hear all of the languages."""
        calibrated = ((name, self.arms[name].calibration) for name in arms)
        lines = (calibration.caution(name, languages) for name, calibration in calibrated if calibration is not None)
        return list(filter(None, lines))

    def write(self, path: Place) -> None:
        text = json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        write_whole(path, partial(write_text, text))

    @classmethod
    def read(cls, path: Place) -> Manifest:
        """Raises BenchError where nothing has been run, and for a file that this version did not write."""
        if not path.exists():
            raise BenchError(f"{path.parent}: nothing decoded yet; run `bench run` on this suite first")
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            raise BenchError(f"{path} is damaged, or of another version; run `bench run` again") from None
