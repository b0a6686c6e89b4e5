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
    """A table of the suite file: frozen, and no key that is not documented. What a key means stands below it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnsSpec(Section):
    """What a hub corpus calls its columns."""

    audio: str | None = None
    """The clip."""
    text: str | None = None
    """The reference."""
    id: str | None = None
    """Else the clip's path, or its place."""
    speaker: str | None = None
    """Who said it."""
    cluster: str | None = None
    """What clips share that are alike, where no speaker is named."""
    gender: str | None = None
    """Costs are sliced by it."""


class CorpusSpec(Section):
    """Where utterances come from and how many a language are taken."""

    kind: Literal["demo", "manifest", "common-voice", "hub"]
    """Where the clips come from."""
    path: Path | None = None
    """A manifest or its folder; a Common Voice release, its folder or archives; on the hub a copy of the repository,
    or nothing. `${VARIABLES}` expand; `--corpus-path` replaces it.
    """
    release: str | None = None
    """Common Voice: read off the folder's name; demanded where no name says it. Part of every signature."""
    repo: str | None = None
    """Hub: the repository, such as `google/fleurs`."""
    config: str | Mapping[str, str] | None = None
    """Hub: what it calls a language, a name with `{language}` in it or a table of names."""
    revision: str | None = None
    """Hub: a branch or, better, a commit; left open, it is resolved once and recorded."""
    columns: ColumnsSpec | None = None
    """Hub: what the repository calls its columns."""
    streaming: bool = False
    """Hub: clips are read as they are decoded, and nothing is downloaded beforehand."""
    split: str = "test"
    """Common Voice: `"test"`, `"dev"`, `"train"`, `"validated"` or `"other"`; on the hub whatever it has."""
    utterances: Annotated[int, Field(ge=1)] | None = None
    """Clips a language, all where it is not said: chosen by a seeded hash of their id and spread over speakers, so
    that the order of rows does not matter and a sample of 1,000 is part of the sample of 1,500.
    """
    set_aside: Annotated[int, Field(ge=2)] | None = None
    """`3`: every third speaker of a language, by a hash of the name, is not tested on; their clips are those that the
    suite gives as `calibration` and, where `recovery.path` is not said, to recovery training.
    """

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
    """Used or refused, never replaced."""
    dtype: Dtype = "float32"
    """Of weights and caches; used or refused, never replaced."""
    attention: Attention = "sdpa"
    """Two ways to compute the same."""
    batch: Annotated[int, Field(ge=1)] = 32
    """Clips at once."""
    max_new_tokens: Annotated[int, Field(ge=1)] = 64
    """The longest transcript, for all arms alike."""
    long_clips: Literal["refuse", "truncate", "sequential"] = "refuse"
    """What happens to clips longer than the model's window, all named before anything is decoded: `"truncate"` cuts
    and counts them; `"sequential"` is Whisper's own decoding window by window, each with the whole token budget,
    for models with timestamps.
    """
    nll: bool = False
    """Also record how likely each arm finds the references (teacher-forced); null for arms that transformers does not
    run, which are then compared without it.
    """


class RecoverySpec(Section):
    """Identical fine-tuning of a control and its converted arms by `bench recover`."""

    path: Path | None = None
    """A manifest of training clips; where it is not said, those of the corpus."""
    split: Literal["train", "dev", "validated", "other"] = "train"
    """Of the Common Voice release that is tested on."""
    utterances: Annotated[int, Field(ge=1)] | None = None
    """Training clips a language; all where it is not said."""
    steps: Annotated[int, Field(ge=1)]
    """Of AdamW, each on the same batch for all arms."""
    batch: Annotated[int, Field(ge=1)] = 16
    """Clips a step."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    """At its highest; a cosine leads to zero."""
    warmup_steps: Annotated[int, Field(ge=0)] | None = None
    """Linear; a tenth of the steps where it is not said."""
    loss: Literal["labels", "distill"] = "labels"
    """`"distill"`: both arms learn the control's start, the unconverted model."""
    dtype: Dtype = "float32"
    """The others: mixed precision."""
    checkpoint_steps: Annotated[int, Field(ge=1)] = 200
    """Steps between checkpoints."""


class MemorySpec(Section):
    """What `bench memory` measures: every batch with every number of beams and of cached text positions."""

    batch: Counts = (1, 8)
    """Clips at once."""
    beams: Counts = (1,)
    """Beams a clip."""
    tokens: Annotated[tuple[Annotated[int, Field(ge=5)], ...], Field(min_length=1), Distinct] = (32, 447)
    """Text positions cached, the prompt among them."""
    dtype: Annotated[tuple[Dtype, ...], Field(min_length=1), Distinct] | None = None
    """That of decoding where it is not said."""


class ScoringSpec(Section):
    """How text is normalised, once more under `sensitivity`, and the languages whose headline is CER."""

    normalizer: NormalizerName = "multilingual"
    """How texts are made alike before they are compared. `"whisper-basic"`, `"whisper-english"`: Whisper's own, the
    latter without its list of British spellings; `"multilingual-simplified"`: Chinese to simplified characters
    (extra `zh`); `"open-asr"`: the leaderboard's scorer for English (extra `open-asr`).
    """
    sensitivity: NormalizerName | None = None
    """A second normaliser: its costs stand beside the first's."""
    cer_primary: tuple[str, ...] = ("zh", "yue", "ja", "th", "lo", "my", "km", "bo")
    """Languages whose cost is CER; of others that are plainly written without spaces between words, a caution says so.
    """


class Floor(Section):
    """Control rates, per cent, above which a language is unusable and gets no mark."""

    wer: float = 100.0
    """Where the cost is WER."""
    cer: float = 60.0
    """Where the cost is CER."""


class StatisticsSpec(Section):
    """The test, declared before decoding."""

    unit: Literal["speaker", "utterance"] | None = None
    """What is resampled: speakers where they are known, else clips. `"speaker"`: refuse if they are not."""
    resamples: Annotated[int, Field(ge=100, le=RESAMPLES_ALLOWED)] | None = None
    """10,000, more for over 25 languages, and 200,000 where a mark hangs on them; a number that is stated is kept to,
    and nothing is *on the line*.
    """
    margin: Annotated[float, Field(gt=0)] | None = None
    """A cost, in points, that would not matter; declared before decoding."""
    floor: Floor = Floor()
    """Control rates above which a language is unusable."""
    correction: Literal["holm"] = "holm"
    """Over the languages of one arm, each metric its own family."""
