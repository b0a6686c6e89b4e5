"""The sections of a suite file, but for corpus, arms and conditions: their keys, defaults and limits."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
NormalizerName = Literal[
    "none", "multilingual", "multilingual-simplified", "whisper-basic", "whisper-english", "open-asr"
]
RESAMPLES_ALLOWED = 1_000_000
"""Beyond that a p of 0.05 moves by less than 0.0005; each takes memory."""


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
