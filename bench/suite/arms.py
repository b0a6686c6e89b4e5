"""The `arms` of a suite file: which model, against which control, decoded how and where."""

import re
import shlex
from pathlib import Path
from typing import Annotated, Literal, Self

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import Field, field_validator, model_validator

from bench.suite.recognisers import TIME_LIMIT, TRANSFORMERS, ComputeType, RunnerName, require_keys
from bench.suite.sections import Attention, Dtype, Name, Section

RANDOM = "random:"
"""Models of a published size whose weights are random: for bytes and seconds."""
BUILT = re.compile(r"(exact|(?:paper|svd)-\d+(?:\.\d+)?):(.+)")
"""Models that are conversions of another arm's and need no clips: built when they are loaded."""
CALIBRATED = re.compile(r"((?:(?:activation|balanced|even|least)-\d+(?:\.\d+)?)|shared-\d+):(.+)")
"""Models that are conversions of another arm's on calibration clips: made once, and kept."""


def without_place(model: str) -> str:
    """A model as it may be told to others: of a folder its name, since where it lies is nobody's business."""
    return Path(model).name if Path(model).is_absolute() else model


class ArmId(str):
    """What identifies an arm everywhere, in one word: its name and, where it has one, its training seed (mla#0)."""

    name: str
    seed: int | None

    def __new__(cls, name: str, seed: int | None = None) -> Self:
        made = super().__new__(cls, name if seed is None else f"{name}#{seed}")
        made.name, made.seed = name, seed
        return made

    def __getnewargs__(self) -> tuple[str, int | None]:  # type: ignore[override]
        return self.name, self.seed


class ArmSpec(Section):
    """One model, or another recogniser. `name` and `seed` identify it. Each runner reads keys of its own."""

    name: Name
    """What it is called in tables."""
    model: str = ""
    """A folder, a hub id, `demo:NAME`. Or a conversion of the arm NAME: `exact:NAME` (lossless), `svd-87.5:NAME`,
    `paper-62.5:NAME` (per cent of the self-attention cache), built when it is loaded; `balanced-87.5:NAME` (widths
    allocated), `even-87.5:NAME`, `shared-448:NAME` (cross-attention over one latent of that rank),
    `least-0.005:NAME` (the smallest decode cache below so many nats a token), made once on the clips of
    `calibration`. Or `random:tiny`: a published size with random weights, for `bench memory`.
    """
    runner: RunnerName = TRANSFORMERS
    """What decodes it."""
    command: tuple[str, ...] = ()
    """The words of a program; run without a shell."""
    time_limit: Annotated[float, Field(gt=0, allow_inf_nan=False)] = TIME_LIMIT
    """Of a command: seconds a block of clips."""
    folder: Path | None = None
    """Where a command runs; the suite's folder where it is not said."""
    compute_type: ComputeType | None = None
    """Of faster-whisper; `decode.dtype` where it is not said."""
    control: str | None = None
    """The name of the control it is compared with; without it, it is a control itself."""
    start: str | None = None
    """The arm that this one's training begins with."""
    family: Name | None = None
    """The recipe that arms of several sizes share."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    """Of its training: arms of one name and several seeds are pooled."""
    revision: str | None = None
    """Of the hub: a branch or commit. Of a command: to be raised when something changes that the program reads."""
    trust_remote_code: bool = False
    """Models that bring their own code are refused otherwise; code from a hub also needs a `revision` that is a commit
    (40 hex digits, or a variable that holds them), for names move.
    """
    allow_pickle: bool = False
    """Pickled weights are refused otherwise."""
    processor: str | None = None
    """Of `random:SIZE` alone: the folder of its tokenizer, front end and generation config."""
    kv: Literal["int8"] | None = None
    """The decode cache in 8 bits."""
    calibration: str | None = None
    """The clips of a calibrated conversion: a suite or a manifest."""
    dtype: Dtype | None = None
    """`decode.dtype` where it is not said; beside their `control` the same weights in other arithmetic show what that
    alone does.
    """
    attention: Attention | None = None
    """`decode.attention` where it is not said."""
    batch: Annotated[int, Field(ge=1)] | None = None
    """`decode.batch` where it is not said."""
    transformers: str | None = None
    """The versions it is to be decoded with, `"==4.46.*"`; left to an environment that has them."""

    @field_validator("transformers")
    @classmethod
    def _specifier(cls, value: str | None) -> str | None:
        try:
            SpecifierSet(value or "")
        except InvalidSpecifier:
            raise ValueError(f'{value!r}: versions are said as "==4.46.*" or ">=5"') from None
        return value

    @model_validator(mode="after")
    def _keys_of_its_runner(self) -> Self:
        given = self.model_fields_set - ({"folder"} if self.folder is None else set())
        require_keys(self.name, self.runner, given, self.model, self.command)
        return self

    @model_validator(mode="after")
    def _processor_of_random(self) -> Self:
        if self.model.startswith(RANDOM) != (self.processor is not None):
            raise ValueError(f"{self.name}: processor names the folder that model = {RANDOM}SIZE takes, and no other")
        return self

    @property
    def settings(self) -> dict[str, str | int]:
        """Those of decoding that it has to itself, by key."""
        own = {"dtype": self.dtype, "attention": self.attention, "batch": self.batch}
        return {key: value for key, value in own.items() if value is not None}

    @property
    def as_named(self) -> str:
        """Its model as the suite names it, a folder by its name alone; or its command as a shell would take it."""
        return shlex.join(self.command) if self.runner == "command" else without_place(self.model)

    @property
    def id(self) -> ArmId:
        """What it is called in records and tables."""
        return ArmId(self.name, self.seed)

    @model_validator(mode="after")
    def _clips_of_its_conversion(self) -> Self:
        if self.calibrated is not None and self.calibration is None:
            raise ValueError(f'{self.name}: {self.model} is made on clips; set calibration = "SUITE or manifest"')
        if self.calibrated is None and self.calibration is not None:
            raise ValueError(f"{self.name}: calibration names clips for model = balanced-87.5:NAME, and for no other")
        return self

    @property
    def calibrated(self) -> tuple[str, str] | None:
        """The conversion on clips that it is, and the arm it is made from; None if it is none."""
        found = CALIBRATED.fullmatch(self.model) if self.runner == TRANSFORMERS else None
        return None if found is None else (found[1], found[2])

    @property
    def origin(self) -> str | None:
        """The arm that it is a conversion of; None if it has files of its own."""
        made = self.built or self.calibrated
        return None if made is None else made[1]

    @property
    def built(self) -> tuple[str, str] | None:
        """The conversion that it is, and the arm it is made from when it is loaded; None if it has files of its own."""
        found = BUILT.fullmatch(self.model) if self.runner == TRANSFORMERS else None
        return None if found is None else (found[1], found[2])
