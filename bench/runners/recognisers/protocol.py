"""What turns a block's clips into hypotheses: the same four steps for every runner, so that the engine knows none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bench.calibrated_languages import CalibratedLanguages
from bench.conversion_record import ConversionRecord
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block
from bench.runners.clips import Clip
from bench.runners.spending import Measured
from bench.suite import ArmSpec, DecodeSpec, Suite

Advance = Callable[[float], None]
"""Told how many more clips are done."""


@dataclass(frozen=True)
class Transcript:
    """What was heard in a clip. What a recogniser cannot know is None: `tokens` of the text, whether the end (eos) or
    the token budget stopped it (`finish`), the reference's negative log-likelihood in nats over `nll_tokens` tokens.
    """

    text: str
    tokens: int | None = None
    finish: str | None = None
    nll: float | None = None
    nll_tokens: int | None = None


@dataclass(frozen=True)
class Recognised:
    """One arm's transcripts of a block; none of unreadable clips. `clips` are as it heard them, perhaps cut."""

    arm_id: str
    clips: Sequence[Clip]
    transcripts: Sequence[Transcript | None]


class Recogniser(Protocol):
    """Loaded and ready, for one arm or for several that share work: encoder passes, or what one has said of a clip."""

    @property
    def arm_ids(self) -> tuple[str, ...]: ...

    def notes(self) -> Iterator[str]:
        """Lines to be said before it begins."""
        ...

    def recognise(
        self, block: Block, clips: Sequence[Clip], arm_ids: Sequence[str], advance: Advance
    ) -> Iterator[Recognised]:
        """Yields each of the arms once, as soon as it has heard all clips: it is then stored. Raises BenchError."""
        ...

    def measured(self) -> Measured:
        """Until now."""
        ...


class Source(Protocol):
    """An arm whose recogniser is on this machine; `fingerprint` changes with whatever may change what it says.

    `files` is the arm that its files belong to: itself, or the one that it is built from.
    """

    @property
    def spec(self) -> ArmSpec: ...

    @property
    def files(self) -> ArmSpec: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def commit(self) -> str | None: ...

    def parameters(self) -> int | None: ...

    def calibration(self) -> CalibratedLanguages | None: ...

    def conversion(self) -> ConversionRecord | None: ...


SourceT = TypeVar("SourceT", bound=Source)


class Runner(Protocol[SourceT]):
    """From an arm of a suite to its recogniser."""

    def find(self, suite: Suite, spec: ArmSpec) -> SourceT:
        """Raises BenchError saying what is not here, and how to get it."""
        ...

    def window(self, source: SourceT) -> int | None:
        """The most samples that it takes in at once; None where there is no limit."""
        ...

    def asked(self, decode: DecodeSpec, spec: ArmSpec) -> dict[str, Any]:
        """The settings that are the suite's and this program's, wherever it decodes."""
        ...

    def settings(self, decode: DecodeSpec, source: SourceT) -> DecodeSettings:
        """All of them, as this environment decodes."""
        ...

    def load(self, suite: Suite, sources: Sequence[SourceT]) -> Sequence[Recogniser]:
        """Raises BenchError where an arm cannot do what the suite asks."""
        ...

    def describe(self, suite: Suite, source: SourceT) -> str:
        """Loads it as far as can be without a clip, and says what it is. Raises BenchError as `load` does."""
        ...
