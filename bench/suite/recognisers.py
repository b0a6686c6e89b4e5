"""Which keys of an arm each runner reads: what turns its clips into text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

RunnerName = Literal["transformers", "faster-whisper", "command"]
ComputeType = Literal[
    "float32", "float16", "bfloat16", "int16", "int8", "int8_float32", "int8_float16", "int8_bfloat16"
]
"""As CTranslate2 names them; its own choices, `default` and `auto`, depend on the machine and are none."""

TRANSFORMERS: Literal["transformers"] = "transformers"
MANIFEST, OUTPUT = "{manifest}", "{output}"
"""What stands in a command for the file that it reads, and for the one that it writes."""
TIME_LIMIT = 3600.0
"""Seconds a block."""

SHARED = frozenset({"name", "runner", "control", "family", "seed"})
KEYS: Mapping[str, frozenset[str]] = {
    "faster-whisper": SHARED | {"model", "compute_type"},
    "command": SHARED | {"command", "time_limit", "revision", "folder"},
}
FOREIGN = frozenset({"command", "time_limit", "folder", "compute_type"})
"""Those that belong to other runners than transformers."""


def require_keys(name: str, runner: RunnerName, given: Collection[str], model: str, command: Sequence[str]) -> None:
    """Raises ValueError for a key that the arm's runner does not read, and where one is missing that it needs."""
    allowed = KEYS.get(runner)
    foreign = sorted(set(given) & FOREIGN if allowed is None else set(given) - allowed)
    if foreign:
        reads = "" if allowed is None else f"; that reads {', '.join(sorted(allowed))}"
        raise ValueError(f'{name}: {foreign[0]} is not read for runner = "{runner}"{reads}')
    if runner != "command":
        if not model:
            raise ValueError(f"{name}: model is missing; it has no default")
        return
    if not command or not command[0]:
        raise ValueError(f'{name}: runner = "command" needs command = ["program", "{MANIFEST}", "{OUTPUT}"]')
    for place in (MANIFEST, OUTPUT):
        if not any(place in word for word in command):
            raise ValueError(f"{name}: {place} stands in no word of command; the program gets that file's path there")


def without_defaults(arm: dict[str, Any]) -> dict[str, Any]:
    """What an arm's dump says of its recogniser, without what does not change a decode or says nothing.

    Suites of transformers alone say what they always said.
    """
    silent = {"time_limit", "folder"} | {key for key in ("command", "compute_type") if not arm[key]}
    silent |= {"runner"} if arm["runner"] == TRANSFORMERS else set()
    return {key: value for key, value in arm.items() if key not in silent}
