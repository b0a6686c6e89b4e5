"""What a row is likely to say next: by what was said of its clip before, and by its own words where it repeats them.

Sequences begin with the prompt, which all have in common. Nothing here decides what is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

REACH = 12
"""How far from where it is expected the place in a draft is looked for, in tokens."""
LONGEST = 8
"""Common tokens behind which agreement is complete."""
REPEATED = 3
"""Tokens that make a repetition when they are said again."""


def common_run(one: Sequence[int], end: int, other: Sequence[int]) -> int:
    """How many tokens before `end` in the one are the last of the other, up to `LONGEST`."""
    run, longest = 0, min(end, len(other), LONGEST)
    while run < longest and one[end - 1 - run] == other[-1 - run]:
        run += 1
    return run


def take_up(draft: Sequence[int], said: Sequence[int], expected: int) -> int:
    """The place in the draft that goes on from what was said: where the longest run of its last tokens ends.

    Of equal ones the nearest to `expected`, the earlier of two; `expected` where none is near. So a substitution is
    stepped over, and the first common token behind an insertion or a deletion finds the place again.
    """
    best = min(expected, len(draft))
    longest = common_run(draft, best, said)
    for away in range(1, REACH + 1):
        for place in (expected - away, expected + away):
            if 0 < place <= len(draft) and draft[place - 1] == said[-1]:
                run = common_run(draft, place, said)
                if run > longest:
                    best, longest = place, run
    return best


class Guide(Protocol):
    """Something that foresees tokens. Guides of one `kind` are trusted alike.

    `run`: how many of the last tokens it agrees with, up to `LONGEST`.
    """

    kind: str
    run: int

    def hear(self, said: Sequence[int]) -> None:
        """Told of every token, as soon as it is the last of those said."""
        ...

    def ahead(self, said: Sequence[int], most: int) -> list[int]:
        """Up to `most` tokens that it expects now."""
        ...


class Draft:
    """What was said of the clip by another arm, or under another condition: prompt and all, without the end."""

    def __init__(self, kind: str, tokens: Sequence[int], prompt: int) -> None:
        self.kind = kind
        self.run = min(prompt, LONGEST)
        self._tokens, self._place = tokens, prompt

    def hear(self, said: Sequence[int]) -> None:
        """Steps on, or finds its place again."""
        if self._place < len(self._tokens) and self._tokens[self._place] == said[-1]:
            self._place, self.run = self._place + 1, min(self.run + 1, LONGEST)
        else:
            self._place = take_up(self._tokens, said, self._place + 1)
            self.run = common_run(self._tokens, self._place, said)

    def ahead(self, said: Sequence[int], most: int) -> list[int]:
        """The draft from its place on."""
        return list(self._tokens[self._place : self._place + most])


class Echo:
    """The row's own words: where the last three were said before, it goes on as then, round and round."""

    kind = "echo"

    def __init__(self) -> None:
        self.run = 0
        self._ends: dict[tuple[int, ...], int] = {}
        self._place = 0

    def hear(self, said: Sequence[int]) -> None:
        """Steps on, or looks where the last words were said before."""
        last = tuple(said[-REPEATED:])
        if self.run and said[self._place] == said[-1]:
            self._place, self.run = self._place + 1, min(self.run + 1, LONGEST)
        else:
            self._place = self._ends.get(last, 0)
            self.run = common_run(said, self._place, said) if self._place else 0
        self._ends[last] = len(said)

    def ahead(self, said: Sequence[int], most: int) -> list[int]:
        """What followed then; behind the last word, the same again."""
        period = len(said) - self._place
        return [said[self._place + i % period] for i in range(most)] if self.run else []
