"""A suite: one TOML file that says what to measure, validated before anything is loaded."""

import os
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from bench.errors import BenchError

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Languages = Annotated[tuple[str, ...], Field(min_length=1)]


class Section(BaseModel):
    """A table of the suite file: frozen, and no key that is not documented."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ArmSpec(Section):
    """One model. Without a `control` it is a control itself; `name` and `seed` identify it."""

    name: Name
    model: str
    control: str | None = None
    family: str | None = None
    seed: int | None = None
    revision: str | None = None
    trust_remote_code: bool = False
    allow_pickle: bool = False

    @property
    def id(self) -> str:
        """Name and training seed in one word, as it appears in records and tables."""
        return self.name if self.seed is None else f"{self.name}#{self.seed}"


class ConditionSpec(Section):
    """What is done to the audio before it is decoded."""

    name: Literal["clean"] = "clean"


class CorpusSpec(Section):
    """Where utterances come from and how many a language are taken."""

    kind: Literal["demo", "manifest"]
    path: Path | None = None
    split: str = "test"
    utterances: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _path_where_needed(self) -> Self:
        if self.kind == "manifest" and self.path is None:
            raise ValueError('kind = "manifest" needs path, a .jsonl or .tsv file')
        return self


class DecodeSpec(Section):
    """Greedy decoding, the same for every arm."""

    device: Literal["cpu", "cuda"] = "cpu"
    dtype: Literal["float32", "float16", "bfloat16"] = "float32"
    batch: Annotated[int, Field(ge=1)] = 32
    max_new_tokens: Annotated[int, Field(ge=1)] = 64
    long_clips: Literal["refuse", "truncate"] = "refuse"


class ScoringSpec(Section):
    """How text is normalised, and the languages whose headline is CER."""

    normalizer: Literal["none", "multilingual", "whisper-basic", "whisper-english"] = "multilingual"
    cer_primary: tuple[str, ...] = ("zh", "th", "ja", "lo", "my", "km")


class Floor(Section):
    """Control rates, per cent, above which a language is unusable and gets no mark."""

    wer: float = 100.0
    cer: float = 60.0


class StatisticsSpec(Section):
    """The test, declared before decoding."""

    unit: Literal["speaker", "utterance"] = "speaker"
    resamples: Annotated[int, Field(ge=100)] = 10_000
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    floor: Floor = Floor()
    correction: Literal["holm", "none"] = "holm"


class Suite(Section):
    """Everything one evaluation measures. Sections left out take their documented defaults."""

    name: Name
    label: Literal["demo", "measured"] = "measured"
    seed: int = 1
    languages: Languages
    arms: Annotated[tuple[ArmSpec, ...], Field(min_length=1)]
    conditions: Annotated[tuple[ConditionSpec, ...], Field(min_length=1)] = (ConditionSpec(),)
    corpus: CorpusSpec
    decode: DecodeSpec = DecodeSpec()
    scoring: ScoringSpec = ScoringSpec()
    statistics: StatisticsSpec = StatisticsSpec()

    @model_validator(mode="after")
    def _arms_consistent(self) -> Self:
        ids = [arm.id for arm in self.arms]
        controls = {arm.name for arm in self.arms if arm.control is None}
        if len(set(ids)) < len(ids):
            raise ValueError(f"arms: two arms are both called {_first_duplicate(ids)}; name and seed must differ")
        if len(set(self.languages)) < len(self.languages):
            raise ValueError(f"languages: {_first_duplicate(list(self.languages))} is listed twice")
        for arm in self.arms:
            if arm.control is not None and arm.control not in controls:
                raise ValueError(f"arms: {arm.name} names control {arm.control!r}; the controls are {sorted(controls)}")
        return self

    def control_of(self, arm: ArmSpec) -> ArmSpec | None:
        """The arm's control: of the same seed where the control has seeds."""
        named = [other for other in self.arms if other.control is None and other.name == arm.control]
        return next((other for other in named if other.seed == arm.seed), named[0] if named else None)

    def what_is_decoded(self) -> dict[str, object]:
        """The part of the suite that decodes depend on; scoring and statistics may change without decoding again."""
        dump = self.model_dump(mode="json", exclude={"scoring": True, "statistics": True, "corpus": {"path"}})
        return dict(dump)


def _first_duplicate(items: list[str]) -> str:
    return next(item for i, item in enumerate(items) if item in items[:i])


def ready_made() -> list[str]:
    """The names of the suites that ship with the package."""
    return sorted(Path(entry.name).stem for entry in files("bench.suites").iterdir() if entry.name.endswith(".toml"))


def load_suite(argument: str, corpus_path: Path | None = None) -> Suite:
    """The suite at a path ending in .toml, else the ready-made one of that name.

    `corpus_path` replaces `corpus.path`. Raises BenchError naming file, key, value and what is allowed.
    """
    path = Path(argument) if argument.endswith(".toml") else Path(str(files("bench.suites") / f"{argument}.toml"))
    if not path.is_file():
        if argument.endswith(".toml"):
            raise BenchError(f"{path}: no such suite file")
        raise BenchError(
            f"no suite called {argument!r}: give a path ending in .toml or one of {', '.join(ready_made())}"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BenchError(f"{path}: not valid TOML: {error}") from None
    _resolve_paths(table, path, corpus_path)
    try:
        return Suite.model_validate(table)
    except ValidationError as error:
        raise BenchError(f"{path}: {_describe(error.errors())}") from None


def _resolve_paths(table: dict[str, object], file: Path, corpus_path: Path | None) -> None:
    """Expands variables in the corpus path and in model folders; relative paths start at the suite file."""
    corpus = table.get("corpus")
    if isinstance(corpus, dict):
        if corpus_path is not None:
            corpus["path"] = str(corpus_path.resolve())
        elif isinstance(corpus.get("path"), str):
            corpus["path"] = str(file.parent / _expand(corpus["path"], file, "corpus.path"))
    arms = table.get("arms")
    for i, arm in enumerate(arms if isinstance(arms, list) else []):
        if isinstance(arm, dict) and isinstance(arm.get("model"), str):
            model = _expand(arm["model"], file, f"arms.{i}.model")
            is_folder = model.startswith((".", "/", "~")) or (file.parent / model).is_dir()
            arm["model"] = str(file.parent / Path(model).expanduser()) if is_folder else model


def _expand(value: str, file: Path, key: str) -> str:
    expanded = os.path.expandvars(value)
    if unset := re.search(r"\$\{?\w+\}?", expanded):
        raise BenchError(f"{file}: {key} = {value!r}: the variable {unset.group()} is not set; export it")
    return expanded


def _describe(errors: list[ErrorDetails]) -> str:
    """The first error as 'key = value: what is allowed', and how many more there are."""
    first = errors[0]
    key = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = f"unknown key; the keys allowed here are {', '.join(_keys_at(first['loc'][:-1]))}"
    elif first["type"] == "missing":
        message = "missing; it has no default"
    elif first["type"] != "value_error":
        message = f"{first['input']!r}: {message}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{key}: {message}{more}" if key else f"{message}{more}"


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """The documented keys of the section at a location in the file."""
    sections: dict[str, type[Section]] = {
        "arms": ArmSpec,
        "conditions": ConditionSpec,
        "corpus": CorpusSpec,
        "decode": DecodeSpec,
        "scoring": ScoringSpec,
        "statistics": StatisticsSpec,
        "floor": Floor,
    }
    names = [part for part in location if isinstance(part, str)]
    section = sections[names[-1]] if names else Suite
    return list(section.model_fields)
