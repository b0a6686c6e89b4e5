"""What a suite may say: its sections together, each of which must fit the others."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from bench.errors import BenchError
from bench.languages import WAY_OUT, is_tag, match
from bench.suite import references
from bench.suite.arms import ArmSpec, without_place
from bench.suite.conditions import Condition, ConditionSpec, expand
from bench.suite.corpus import CorpusSpec
from bench.suite.noise_floor import floor_arms, is_same_model
from bench.suite.recognisers import TRANSFORMERS, without_defaults
from bench.suite.sections import (
    DecodeSpec,
    Languages,
    MemorySpec,
    Name,
    RecoverySpec,
    ScoringSpec,
    Section,
    StatisticsSpec,
)

AFTER_DECODING = ("label", "scoring", "statistics", "recovery", "memory", "noise_floor")
"""Keys that no decode depends on; what `noise_floor` adds stands among the arms."""


class Suite(Section):
    """Everything one evaluation measures. Sections left out take their documented defaults."""

    name: Name
    """Of the suite; its records and reports lie in folders of that name."""
    label: Literal["demo", "measured"] = "measured"
    """Printed first on every table."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Of the sample of clips, of the noise and of the bootstrap."""
    languages: Languages
    """Whisper's codes, or other tags; tables show these words."""
    arms: Annotated[tuple[ArmSpec, ...], Field(min_length=1)]
    """The models, controls and those held against them."""
    noise_floor: bool = False
    """`true` adds arms: every control's own weights with the other attention, in half the batch, and in bfloat16."""
    condition_specs: Annotated[tuple[ConditionSpec, ...], Field(alias="conditions", min_length=1)] = (ConditionSpec(),)
    """What is done to the audio, `[{ name = "clean" }]` where it is not said; clean is always among them."""
    corpus: CorpusSpec
    """The clips."""
    decode: DecodeSpec = DecodeSpec()
    """How clips are decoded."""
    scoring: ScoringSpec = ScoringSpec()
    """How texts are counted."""
    statistics: StatisticsSpec = StatisticsSpec()
    """The test."""
    recovery: RecoverySpec | None = None
    """Training by `bench recover`."""
    memory: MemorySpec = MemorySpec()
    """What `bench memory` measures."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition in order, a ladder rung by rung."""
        return expand(self.condition_specs)

    @model_validator(mode="after")
    def _with_noise_floor(self) -> Self:
        """Once: a suite that is validated again has them."""
        if not self.noise_floor:
            return self
        arms = (*self.arms, *floor_arms(self.arms, self.decode))
        return self.model_copy(update={"arms": arms, "noise_floor": False})

    @model_validator(mode="after")
    def _conditions_consistent(self) -> Self:
        try:
            expand(self.condition_specs)
        except ValueError as error:
            raise ValueError(f"conditions: {error}") from None
        return self

    @model_validator(mode="after")
    def _languages_known(self) -> Self:
        """Two may be of one of Whisper's languages, as zh-CN and zh-TW of Common Voice."""
        if unknown := [language for language in self.languages if not is_tag(language)]:
            raise ValueError(f"languages: {unknown[0]!r} is none that is known; {WAY_OUT}")
        return self

    @model_validator(mode="after")
    def _characters_count_by_any_tag(self) -> Self:
        """`scoring.cer_primary` holds the suite's own tags for what it names by others."""
        by_characters = self.scoring.cer_primary
        others = [tag for tag in self.languages if tag not in by_characters and match(tag, by_characters)]
        if not others:
            return self
        scoring = self.scoring.model_copy(update={"cer_primary": (*by_characters, *others)})
        return self.model_copy(update={"scoring": scoring})

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

    def named(self, names: Sequence[str]) -> tuple[ArmSpec, ...]:
        """The arms of these names (all training seeds) or ids; all if none is given. Raises BenchError for others."""
        known = {name for arm in self.arms for name in (arm.name, arm.id)}
        if unknown := sorted(set(names) - known):
            raise BenchError(f"--arm {unknown[0]}: the suite's arms are {', '.join(arm.id for arm in self.arms)}")
        return tuple(arm for arm in self.arms if not names or {arm.name, arm.id} & set(names))

    @property
    def models(self) -> tuple[ArmSpec, ...]:
        """The arms that transformers runs: those that have a cache to measure, and weights to convert and to train."""
        return tuple(arm for arm in self.arms if arm.runner == TRANSFORMERS)

    @property
    def measurable(self) -> tuple[ArmSpec, ...]:
        """The models whose bytes are to be measured: without those that have their control's weights and cache, in its
        dtype.
        """
        return tuple(arm for arm in self.models if not (self.is_noise_floor(arm) and self._has_dtype_of_control(arm)))

    def _has_dtype_of_control(self, arm: ArmSpec) -> bool:
        control = self.control_of(arm)
        named = self.memory.dtype is not None
        return control is not None and (named or self.decode_of(arm).dtype == self.decode_of(control).dtype)

    def is_noise_floor(self, arm: ArmSpec) -> bool:
        """Whether it is its control's own model, decoded otherwise: what such an arm costs, arithmetic alone costs."""
        control = self.control_of(arm)
        return control is not None and is_same_model(arm, control)

    def decode_of(self, arm: ArmSpec) -> DecodeSpec:
        """How an arm is decoded: as the suite says, but for what the arm says itself."""
        return self.decode.model_copy(update=arm.settings)

    def control_of(self, arm: ArmSpec) -> ArmSpec | None:
        """The control of the same training seed, or the one that has no seed; None for a control."""
        return references.control_of(self.arms, arm)

    def files_of(self, arm: ArmSpec) -> ArmSpec:
        """The arm whose files it is loaded from: itself, or the one that it is a conversion of."""
        return references.files_of(self.arms, arm)

    def start_of(self, arm: ArmSpec) -> ArmSpec | None:
        """The arm that its training began with, of its training seed or of none; None if not said."""
        return references.start_of(self.arms, arm)

    def what_is_decoded(self) -> dict[str, Any]:
        """What decodes depend on. The rest may change without decoding again; where files lie does not matter."""
        dump = self.model_dump(mode="json", exclude=set(AFTER_DECODING))
        del dump["corpus"]["path"], dump["corpus"]["streaming"]
        if self.corpus.set_aside is None:
            del dump["corpus"]["set_aside"]
        del dump["condition_specs"]
        dump["conditions"] = [condition.what_is_done() for condition in self.conditions]
        for arm in dump["arms"]:
            del arm["control"], arm["family"], arm["start"], arm["processor"], arm["transformers"]
            del arm["calibration"]
            arm["model"] = without_place(arm["model"])
        dump["arms"] = [without_defaults(arm) for arm in dump["arms"]]
        return dump


def _first_duplicate(items: Sequence[str]) -> str:
    return next(item for i, item in enumerate(items) if item in items[:i])
