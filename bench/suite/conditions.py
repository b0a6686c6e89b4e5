"""The `conditions` of a suite file, and the single conditions that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from bench.suite.sections import Name, Section

Kind = Literal["clean", "noise", "telephony", "far-field", "overlap"]
Noise = Literal["white", "pink", "speech-shaped", "babble", "recordings"]
Codec = Literal["mu-law", "A-law"]
Level = Literal["active", "rms"]
Decibels = Annotated[float, Field(ge=-60, le=100, allow_inf_nan=False)]
Rungs = Annotated[tuple[Decibels, ...], Field(min_length=1)]

CLEAN: Literal["clean"] = "clean"
SNR_DB = (30.0, 20.0, 15.0, 10.0, 5.0, 0.0, -5.0)
SIR_DB = (15.0, 10.0, 5.0)
RT60 = 0.5
SPEECH_MARGIN = 15.9
"""How far below its active level speech still counts as active, in dB (ITU-T P.56, method B).

A clip's own background must lie further below for the speech to have a level of its own.
"""
KEYS: dict[Kind, frozenset[str]] = {
    CLEAN: frozenset(),
    "noise": frozenset({"noise", "path", "snr_db", "level", "then"}),
    "telephony": frozenset({"codec", "then"}),
    "far-field": frozenset({"path", "rt60", "then"}),
    "overlap": frozenset({"sir_db", "then"}),
}
"""What each kind reads besides its name."""


class Condition(Section):
    """One thing that is done to the audio; a cell is a language under it. `then` is done to what comes out.

    `snr_db` is speech over noise, or over the other speaker. `ladder` names the entry of the suite whose rung it is.
    """

    name: str
    kind: Kind
    ladder: str | None = None
    noise: Noise | None = None
    path: Path | None = None
    snr_db: float | None = None
    level: Level | None = None
    codec: Codec | None = None
    rt60: float | None = None
    then: Condition | None = None

    @property
    def steps(self) -> tuple[Condition, ...]:
        """What is done first, and what is done then."""
        return (self, *(self.then.steps if self.then else ()))

    @property
    def has_talkers(self) -> bool:
        """Whether other speakers of the corpus are heard in it."""
        return any(step.kind == "overlap" or step.noise == "babble" for step in self.steps)

    @property
    def needs_pool(self) -> bool:
        """Whether it is made from other clips of the corpus."""
        return self.has_talkers or any(step.noise == "speech-shaped" for step in self.steps)

    def what_is_done(self) -> dict[str, Any]:
        """What the audio depends on, but for the clips and recordings that it is made from."""
        done = self.model_dump(mode="json", exclude={"path", "ladder", "then"}, exclude_none=True)
        return done | ({"then": self.then.what_is_done()} if self.then else {})


CLEAN_CONDITION = Condition(name=CLEAN, kind=CLEAN)


class ConditionSpec(Section):
    """One entry of the suite's `conditions`: a condition, or a ladder of rungs in decibels."""

    name: Name = CLEAN
    """What it is called; a rung of a ladder is `name@10`."""
    kind: Kind = CLEAN
    """What is done."""
    noise: Noise | None = None
    """`"speech-shaped"`: of the language's long-term spectrum; `"babble"`: four to eight other speakers;
    `"recordings"`: those of `path`.
    """
    path: Path | None = None
    """The folder of recordings, or of impulse responses for far-field; relative to the suite."""
    snr_db: Rungs | None = None
    """Of noise, in dB: 30, 20, 15, 10, 5, 0 and -5 where they are not said."""
    level: Level | None = None
    """`"rms"`: noise is set against the plain level; else the active speech level of ITU-T P.56."""
    codec: Codec | None = None
    """Of telephony: G.711; mu-law where it is not said."""
    rt60: Annotated[float, Field(ge=0.2, le=0.8)] | None = None
    """Reverberation time of simulated rooms, in seconds; 0.5 where it is not said. Eight rooms, built within a minute.
    """
    sir_db: Rungs | None = None
    """Of overlap, in dB: 15, 10 and 5 where they are not said."""
    then: str | None = None
    """Another condition, done to what comes out: a room first, noise after."""

    @model_validator(mode="after")
    def _keys_of_its_kind(self) -> Self:
        if (self.kind == CLEAN) != (self.name == CLEAN):
            raise ValueError(f'{self.name}: kind = "{self.kind}"; only clean is called clean, the others need a kind')
        allowed = KEYS[self.kind]
        if foreign := sorted(self.model_fields_set - {"name", "kind"} - allowed):
            reads = ", ".join(sorted(allowed)) or "nothing else"
            raise ValueError(f'{self.name}: {foreign[0]} is not read for kind = "{self.kind}"; that reads {reads}')
        if self.kind == "noise" and self.noise is None:
            raise ValueError(f"{self.name}: noise is missing: white, pink, speech-shaped, babble or recordings")
        if self.kind == "noise" and (self.noise == "recordings") != (self.path is not None):
            raise ValueError(f'{self.name}: path names the folder of noise = "recordings", and belongs to it alone')
        if self.path is not None and self.rt60 is not None:
            raise ValueError(f"{self.name}: path (recorded rooms) or rt60 (simulated ones), not both")
        for rungs in (self.snr_db, self.sir_db):
            if rungs is not None and len(set(rungs)) < len(rungs):
                raise ValueError(f"{self.name}: a rung is listed twice")
        return self

    @property
    def rungs(self) -> tuple[float, ...] | None:
        """In decibels; None for what has none."""
        if self.kind == "noise":
            return self.snr_db or SNR_DB
        return (self.sir_db or SIR_DB) if self.kind == "overlap" else None

    def conditions(self, then: Condition | None) -> tuple[Condition, ...]:
        """Those it stands for, defaults filled in: one, or one a rung."""
        values: dict[str, Any] = {"kind": self.kind, "then": then}
        if self.kind == "noise":
            values |= {"noise": self.noise, "path": self.path, "level": self.level or "active"}
        elif self.kind == "telephony":
            values |= {"codec": self.codec or "mu-law"}
        elif self.kind == "far-field":
            values |= {"path": self.path, "rt60": None if self.path else (self.rt60 or RT60)}
        if self.rungs is None:
            return (Condition(name=self.name, **values),)
        return tuple(
            Condition(name=f"{self.name}@{rung:g}", ladder=self.name, snr_db=rung, **values) for rung in self.rungs
        )

    def describe(self) -> str:
        """In a signature: everything but the rungs' folder."""
        first = self.conditions(None)[0]
        details = [first.noise, first.level, first.codec, f"rt60={first.rt60:g}s" if first.rt60 else None]
        details += [f"then={self.then}" if self.then else None]
        known = ",".join(str(detail) for detail in details if detail)
        rungs = "" if self.rungs is None else "@" + "/".join(f"{rung:g}" for rung in self.rungs)
        return f"{self.name}{rungs}({known})" if known else f"{self.name}{rungs}"


def expand(specs: Sequence[ConditionSpec]) -> tuple[Condition, ...]:
    """All conditions of a suite in order, each with what is done then. Raises ValueError for what makes no sense."""
    first = {condition.name: condition for spec in specs for condition in spec.conditions(None)}
    expanded = tuple(condition for spec in specs for condition in spec.conditions(_then(spec, specs, first)))
    names = [condition.name for condition in expanded]
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        raise ValueError(f"{twice[0]} is listed twice")
    if CLEAN not in names:
        raise ValueError(f'add {{ name = "{CLEAN}" }}: it is what costs in noise are held against')
    return expanded


def _then(spec: ConditionSpec, specs: Sequence[ConditionSpec], first: Mapping[str, Condition]) -> Condition | None:
    if spec.then is None:
        return None
    then = first.get(spec.then)
    if then is None or then.kind == CLEAN:
        names = ", ".join(name for name, condition in first.items() if condition.kind != CLEAN)
        raise ValueError(f"{spec.name}: then = {spec.then!r}: name one of {names}")
    if any(other.then for other in specs if other.name in (then.ladder, then.name)):
        raise ValueError(f"{spec.name}: then = {spec.then!r}, which has a then itself; two steps are the most")
    if (then.kind, then.noise) == (spec.kind, spec.noise):
        raise ValueError(f"{spec.name}: then = {spec.then!r} would do the same again, with the same draws")
    if then.kind == "far-field":
        raise ValueError(f"{spec.name}: a room comes first; noise is added to what the microphone hears")
    return then
