"""The sections of a suite file: their keys, defaults and limits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
NormalizerName = Literal[
    "none", "multilingual", "multilingual-simplified", "whisper-basic", "whisper-english", "open-asr"
]
RESAMPLES_ALLOWED = 1_000_000
"""Beyond that a p of 0.05 moves by less than 0.0005; each takes memory."""
SPLITS = ("test", "dev", "train", "validated", "other")
"""Of a Common Voice release."""


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError(f"{list(values)}: one of them stands twice")
    return values


Distinct = AfterValidator(_distinct)
Counts = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1), Distinct]
Dtype = Literal["float32", "float16", "bfloat16"]
Attention = Literal["sdpa", "eager"]
"""Transformers' names of two ways to compute the same attention."""
Languages = Annotated[tuple[Name, ...], Field(min_length=1)]


class Section(BaseModel):
    """A table of the suite file: frozen, and no key that is not documented."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnsSpec(Section):
    """What a hub corpus calls its columns; `cluster`: what clips share that are alike, where no speaker is named."""

    audio: str | None = None
    text: str | None = None
    id: str | None = None
    speaker: str | None = None
    cluster: str | None = None
    gender: str | None = None


class CorpusSpec(Section):
    """Where utterances come from and how many a language are taken.

    `repo`, `config`, `revision`, `columns` and `streaming` are of the hub: its repository, what that calls a language
    (one name with `{language}` in it, or a table of names), a branch or commit, and whether clips are streamed.
    `set_aside`: every so many-th speaker of each language, by a hash of the name, is never tested on: their clips are
    left to calibration and training.
    """

    kind: Literal["demo", "manifest", "common-voice", "hub"]
    path: Path | None = None
    release: str | None = None
    repo: str | None = None
    config: str | Mapping[str, str] | None = None
    revision: str | None = None
    columns: ColumnsSpec | None = None
    streaming: bool = False
    split: str = "test"
    utterances: Annotated[int, Field(ge=1)] | None = None
    set_aside: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _keys_of_its_kind(self) -> Self:
        if self.kind not in ("common-voice", "hub") and (self.split != "test" or self.release is not None):
            raise ValueError('split and release are read for kind = "common-voice" only; a manifest is one split')
        if self.kind == "common-voice" and self.split not in SPLITS:
            raise ValueError(f"split = {self.split!r}: Common Voice has {', '.join(SPLITS)}")
        hub = (self.repo, self.config, self.revision, self.columns, self.streaming or None)
        if self.kind != "hub" and any(value is not None for value in hub):
            raise ValueError('repo, config, revision, columns and streaming are read for kind = "hub" only')
        if self.kind == "hub" and self.repo is None:
            raise ValueError('kind = "hub" needs the repository as repo = "google/fleurs", for example')
        return self

    @model_validator(mode="after")
    def _demo_is_embedded(self) -> Self:
        if self.kind == "demo" and self.path is not None:
            raise ValueError('kind = "demo" is embedded and takes no path; use kind = "manifest" for clips of your own')
        return self


class DecodeSpec(Section):
    """Greedy decoding, the same for every arm; an arm may have another dtype, attention or batch."""

    device: Literal["cpu", "cuda"] = "cpu"
    dtype: Dtype = "float32"
    attention: Attention = "sdpa"
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
    dtype: Dtype = "float32"
    checkpoint_steps: Annotated[int, Field(ge=1)] = 200


class MemorySpec(Section):
    """What `bench memory` measures: every batch with every number of beams and of cached text positions.

    No dtype: that of decoding.
    """

    batch: Counts = (1, 8)
    beams: Counts = (1,)
    tokens: Annotated[tuple[Annotated[int, Field(ge=5)], ...], Field(min_length=1), Distinct] = (32, 447)
    dtype: Annotated[tuple[Dtype, ...], Field(min_length=1), Distinct] | None = None


class ScoringSpec(Section):
    """How text is normalised, once more under `sensitivity`, and the languages whose headline is CER."""

    normalizer: NormalizerName = "multilingual"
    sensitivity: NormalizerName | None = None
    cer_primary: tuple[str, ...] = ("zh", "yue", "ja", "th", "lo", "my", "km", "bo")


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
    resamples: Annotated[int, Field(ge=100, le=RESAMPLES_ALLOWED)] | None = None
    margin: Annotated[float, Field(gt=0)] | None = None
    floor: Floor = Floor()
    correction: Literal["holm"] = "holm"
