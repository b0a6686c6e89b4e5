"""From a suite file to a valid suite, or to one line that says which key to mend."""

import os
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bench.errors import BenchError
from bench.io.documents import read_toml
from bench.io.files import is_file, is_folder, require_name
from bench.suite.arms import BUILT, CALIBRATED, ArmSpec
from bench.suite.conditions import ConditionSpec
from bench.suite.corpus import ColumnsSpec, CorpusSpec
from bench.suite.overrides import Overrides
from bench.suite.schema import Suite
from bench.suite.sections import DecodeSpec, Floor, MemorySpec, RecoverySpec, ScoringSpec, Section, StatisticsSpec

DEFAULTED = re.compile(r"\$\{(\w+):-([^}]*)\}")
"""A variable, and what stands for it where it is not set."""
SECTIONS: dict[str, type[Section]] = {
    "arms": ArmSpec,
    "conditions": ConditionSpec,
    "corpus": CorpusSpec,
    "columns": ColumnsSpec,
    "decode": DecodeSpec,
    "scoring": ScoringSpec,
    "statistics": StatisticsSpec,
    "recovery": RecoverySpec,
    "memory": MemorySpec,
    "floor": Floor,
}
"""The tables of a suite file, by the key they stand under."""
SectionType = TypeVar("SectionType", bound=Section)


def ready_made() -> list[str]:
    """The names of the suites that ship with the package."""
    return sorted(Path(entry.name).stem for entry in files("bench.suites").iterdir() if entry.name.endswith(".toml"))


def load_suite(argument: str, corpus_path: Path | None = None, overrides: Overrides | None = None) -> Suite:
    """The suite at a path ending in .toml, else the ready-made one of that name.

    `corpus_path` replaces `corpus.path`, `overrides` what else a run was told. Folders become absolute; a variable in
    `corpus.path` that is not set stays as it is, for only decoding needs it. Raises BenchError naming file, key, value
    and what is allowed.
    """
    path = Path(argument) if argument.endswith(".toml") else Path(str(files("bench.suites") / f"{argument}.toml"))
    if not is_file(path):
        if argument.endswith(".toml"):
            raise BenchError(f"{path}: no such suite file")
        raise BenchError(
            f"no suite called {argument!r}: give a path ending in .toml or one of {', '.join(ready_made())}"
        )
    table = read_toml(path)
    _resolve_paths(table, path, corpus_path)
    if overrides is not None:
        overrides.put_into(table)
    try:
        return Suite.model_validate(table)
    except ValidationError as error:
        raise BenchError(f"{path}: {_describe(error.errors())}") from None


def validate_section(section: type[SectionType], values: Mapping[str, object]) -> SectionType:
    """A section from values that were given elsewhere than in a file. Raises BenchError naming key and value."""
    try:
        return section.model_validate(values)
    except ValidationError as error:
        raise BenchError(_describe(error.errors())) from None


def _resolve_paths(table: dict[str, object], file: Path, corpus_path: Path | None) -> None:
    """Expands ~ and variables in paths and in the arms' revisions; relative paths start at the suite file."""
    folder = file.parent.resolve()
    recovery = table.get("recovery")
    if isinstance(recovery, dict) and isinstance(recovery.get("path"), str):
        recovery["path"] = str(folder / _expand(recovery["path"]))
    conditions = table.get("conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if isinstance(condition, dict) and isinstance(condition.get("path"), str):
            condition["path"] = str(folder / _expand(condition["path"]))
    corpus = table.get("corpus")
    if isinstance(corpus, dict):
        if corpus_path is not None:
            corpus["path"] = str(corpus_path.resolve())
        elif isinstance(corpus.get("path"), str):
            corpus["path"] = str(folder / _expand(corpus["path"]))
    arms = table.get("arms")
    for arm in arms if isinstance(arms, list) else []:
        if isinstance(arm, dict) and isinstance(arm.get("revision"), str):
            arm["revision"] = _expand(arm["revision"])
        if isinstance(arm, dict) and arm.get("runner") == "command":
            _resolve_command(arm, folder)
        if isinstance(arm, dict) and isinstance(arm.get("model"), str):
            if isinstance(arm.get("calibration"), str) and arm["calibration"] not in ready_made():
                arm["calibration"] = str((folder / _expand(arm["calibration"])).resolve())
            if isinstance(arm.get("processor"), str):
                arm["processor"] = str((folder / _expand(arm["processor"])).resolve())
            arm["model"] = _made(arm["model"], folder) if "start" in arm else resolve_model(arm["model"], folder)


def _resolve_command(arm: dict[str, object], folder: Path) -> None:
    """Its words, and the folder that it runs in: the suite's, unless it says another."""
    words, there = arm.get("command"), arm.get("folder", ".")
    if isinstance(words, list):
        arm["command"] = [_expand(word) if isinstance(word, str) else word for word in words]
    if isinstance(there, str):
        arm["folder"] = str((folder / _expand(there)).resolve())


def resolve_model(model: str, folder: Path) -> str:
    """An absolute folder if the name means one beside `folder`; else as it is: demo:NAME, exact:NAME, a hub id."""
    model = _expand(model)
    names_folder = model.startswith((".", "/")) or is_folder(folder / model)
    return str((folder / model).resolve()) if names_folder else model


def _made(model: str, folder: Path) -> str:
    """Where `bench recover` writes: a folder, though it may not be there yet; demo:NAME and conversions as they are."""
    model = _expand(model)
    is_conversion = BUILT.fullmatch(model) or CALIBRATED.fullmatch(model)
    return model if model.startswith("demo:") or is_conversion else str((folder / model).resolve())


def _expand(value: str) -> str:
    """With `~` and variables; `${NAME:-else}` is what a shell makes of it."""
    value = DEFAULTED.sub(lambda found: os.environ.get(found[1]) or found[2], value)
    value = os.path.expandvars(os.path.expanduser(value))  # noqa: PTH111 -- before it is known to be a path
    require_name(value)
    return value


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
    names = [part for part in location if isinstance(part, str)]
    section = SECTIONS[names[-1]] if names else Suite
    return list(section.model_fields)
