"""What a suite may say: its sections, their keys, defaults and limits."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
NormalizerName = Literal["none", "multilingual", "multilingual-simplified", "whisper-basic", "whisper-english"]
BUILT = re.compile(r"(exact|(?:paper|svd)-\d+(?:\.\d+)?):(.+)")
"""Models that are conversions of another arm's and need no clips: built when they are loaded."""
Languages = Annotated[tuple[str, ...], Field(min_length=1)]


class Section(BaseModel):
    """A table of the suite file: frozen, and no key that is not documented."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ArmSpec(Section):
    """One model. Without a `control` it is a control itself; `name` and `seed` identify it."""

    name: Name
    model: str
    control: str | None = None
    start: str | None = None
    family: str | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    revision: str | None = None
    trust_remote_code: bool = False
    allow_pickle: bool = False
    kv: Literal["int8"] | None = None

    @property
    def id(self) -> str:
        """Name and training seed in one word, as it appears in records and tables."""
        return self.name if self.seed is None else f"{self.name}#{self.seed}"

    @property
    def built(self) -> tuple[str, str] | None:
        """The conversion that it is, and the arm it is made from when it is loaded; None if it has files of its own."""
        found = BUILT.fullmatch(self.model)
        return None if found is None else (found[1], found[2])


class ConditionSpec(Section):
    """What is done to the audio before it is decoded."""

    name: Literal["clean"] = "clean"


class CorpusSpec(Section):
    """Where utterances come from and how many a language are taken."""

    kind: Literal["demo", "manifest", "common-voice"]
    path: Path | None = None
    release: str | None = None
    split: Literal["test", "dev", "train", "validated", "other"] = "test"
    utterances: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _only_releases_have_splits(self) -> Self:
        if self.kind != "common-voice" and (self.split != "test" or self.release is not None):
            raise ValueError('split and release are read for kind = "common-voice" only; a manifest is one split')
        return self

    @model_validator(mode="after")
    def _demo_is_embedded(self) -> Self:
        if self.kind == "demo" and self.path is not None:
            raise ValueError('kind = "demo" is embedded and takes no path; use kind = "manifest" for clips of your own')
        return self


class DecodeSpec(Section):
    """Greedy decoding, the same for every arm."""

    device: Literal["cpu", "cuda"] = "cpu"
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    batch: Annotated[int, Field(ge=1)] = 32
    max_new_tokens: Annotated[int, Field(ge=1)] = 64
    long_clips: Literal["refuse", "truncate", "sequential"] = "refuse"
    nll: bool = False


class RecoverySpec(Section):
    """Identical fine-tuning of a control and its converted arms by `bench recover`.

    Clips are a manifest at `path`, or the `split` of the Common Voice release that is tested on. No warm-up steps: a
    tenth of the steps.
    """

    path: Path | None = None
    split: Literal["train", "dev", "validated", "other"] = "train"
    utterances: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=1)] = 16
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    warmup_steps: Annotated[int, Field(ge=0)] | None = None
    loss: Literal["labels", "distill"] = "labels"
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    checkpoint_steps: Annotated[int, Field(ge=1)] = 200


class ScoringSpec(Section):
    """How text is normalised, once more under `sensitivity`, and the languages whose headline is CER."""

    normalizer: NormalizerName = "multilingual"
    sensitivity: NormalizerName | None = None
    cer_primary: tuple[str, ...] = ("zh", "th", "ja", "lo", "my", "km")


class Floor(Section):
    """Control rates, per cent, above which a language is unusable and gets no mark."""

    wer: float = 100.0
    cer: float = 60.0


class StatisticsSpec(Section):
    """The test, declared before decoding.

    No unit: speakers, or clips where the corpus does not tell speakers apart. No resamples: as many as the family
    needs, 10,000 at least. No margin: nothing is said of one.
    """

    unit: Literal["speaker", "utterance"] | None = None
    resamples: Annotated[int, Field(ge=100)] | None = None
    margin: Annotated[float, Field(gt=0)] | None = None
    floor: Floor = Floor()
    correction: Literal["holm"] = "holm"


class Suite(Section):
    """Everything one evaluation measures. Sections left out take their documented defaults."""

    name: Name
    label: Literal["demo", "measured"] = "measured"
    seed: Annotated[int, Field(ge=0)] = 1
    languages: Languages
    arms: Annotated[tuple[ArmSpec, ...], Field(min_length=1)]
    conditions: Annotated[tuple[ConditionSpec, ...], Field(min_length=1)] = (ConditionSpec(),)
    corpus: CorpusSpec
    decode: DecodeSpec = DecodeSpec()
    scoring: ScoringSpec = ScoringSpec()
    statistics: StatisticsSpec = StatisticsSpec()
    recovery: RecoverySpec | None = None

    @model_validator(mode="after")
    def _arms_consistent(self) -> Self:
        ids = [arm.id for arm in self.arms]
        controls = {arm.name for arm in self.arms if arm.control is None}
        if len(set(ids)) < len(ids):
            raise ValueError(f"arms: two arms are both called {_first_duplicate(ids)}; name and seed must differ")
        if self.corpus.kind == "demo" and self.label != "demo":
            raise ValueError('label: what is measured on the demo corpus must say label = "demo"')
        if len(set(self.languages)) < len(self.languages):
            raise ValueError(f"languages: {_first_duplicate(list(self.languages))} is listed twice")
        for arm in self.arms:
            if arm.control is not None and arm.control not in controls:
                raise ValueError(f"arms: {arm.name} names control {arm.control!r}; the controls are {sorted(controls)}")
            if arm.control is not None and self.control_of(arm) is None:
                raise ValueError(f"arms: {arm.id} has no control: {arm.control} has other training seeds")
            self.files_of(arm)
            self.start_of(arm)
        return self

    def control_of(self, arm: ArmSpec) -> ArmSpec | None:
        """The control of the same training seed, or the one that has no seed; None for a control."""
        named = {other.seed: other for other in self.arms if other.control is None and other.name == arm.control}
        return named.get(arm.seed, named.get(None))

    def files_of(self, arm: ArmSpec) -> ArmSpec:
        """The arm whose files it is loaded from: itself, or the one that it is a conversion of.

        That is the one of the same training seed, or the one that has no seed. Raises ValueError if there is none.
        """
        if arm.built is None:
            return arm
        named = {other.seed: other for other in self.arms if other.name == arm.built[1] and other.built is None}
        origin = named.get(arm.seed, named.get(None))
        if origin is None:
            names = sorted({other.name for other in self.arms if other.built is None})
            raise ValueError(f"arms: {arm.id} is to be {arm.model}; the arms with a model are {names}")
        if arm.revision or arm.trust_remote_code or arm.allow_pickle:
            raise ValueError(f"arms: {arm.id} has no files; set revision and consents where {origin.id} stands")
        return origin

    def start_of(self, arm: ArmSpec) -> ArmSpec | None:
        """The arm that its training began with: of its training seed, or the one that has no seed; None if not said.

        Raises ValueError if there is none of that name.
        """
        if arm.start is None:
            return None
        named = {other.seed: other for other in self.arms if other.name == arm.start and other.name != arm.name}
        start = named.get(arm.seed, named.get(None))
        if start is None:
            raise ValueError(f"arms: {arm.id} names start {arm.start!r}; it must be another arm of the suite")
        if arm.built is not None:
            raise ValueError(f"arms: {arm.id} is built when it is loaded, so it cannot have a start")
        if start.start == arm.name:
            raise ValueError(f"arms: {arm.id} and {start.id} are each other's start")
        return start

    def what_is_decoded(self) -> dict[str, Any]:
        """What decodes depend on. The rest may change without decoding again; where the corpus lies does not matter."""
        dump = self.model_dump(mode="json", exclude={"label", "scoring", "statistics", "recovery"})
        dump["corpus"].pop("path")
        for arm in dump["arms"]:
            del arm["control"], arm["family"], arm["start"]
        return dump


def _first_duplicate(items: list[str]) -> str:
    return next(item for i, item in enumerate(items) if item in items[:i])


SECTIONS: dict[str, type[Section]] = {
    "arms": ArmSpec,
    "conditions": ConditionSpec,
    "corpus": CorpusSpec,
    "decode": DecodeSpec,
    "scoring": ScoringSpec,
    "statistics": StatisticsSpec,
    "recovery": RecoverySpec,
    "floor": Floor,
}
"""The tables of a suite file, by the key they stand under."""
