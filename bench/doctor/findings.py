"""What is found of one thing that a run needs, and how errors become findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bench.errors import BenchError

State = Literal["ok", "note", "FAIL"]
OK: Final = "ok"
NOTE: Final = "note"
FAIL: Final = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One thing that a run needs; with `FAIL` the run would not go through.

    `text` says what is the case, and for a failure what to do.
    """

    state: State
    topic: str
    text: str


def checked(topic: str, check: Callable[[], Iterator[Finding]], state: State = FAIL) -> Iterator[Finding]:
    """The check's findings; a BenchError that ends it becomes one in that state."""
    try:
        yield from check()
    except BenchError as error:
        yield Finding(state, topic, str(error))
