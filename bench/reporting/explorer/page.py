"""What a page tells, whatever it was made of: a suite, or files of decodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.reporting.text.legend import Legend

Cell = str | list[str | float | None]
"""A text, or a text and what it is sorted by."""
Table = dict[str, list[str] | list[list[Cell]]]
FEW_COSTS = 3
"""Of an arm, in a picture that is no higher than a paragraph."""
Verdict = dict[str, str]
"""Of one arm: its name, a `number`, what that is `of`, and a `sentence`."""


@dataclass(frozen=True, eq=False)
class Page:
    """All but the utterances, their audio and the pictures.

    `about`: one line, before anything is said. `leads`, below `leads_title`: what is said first. `said`, folded below
    `said_title`: what else there is to say, a line each. `arms`: a table of the systems, explained by `about_arms`.
    `cells`, `costs`: the table and the picture of every cost; `rows`: which of them are drawn below one another.
    `signature` pins the numbers.
    """

    title: str
    heading: str
    about: str
    leads_title: str
    leads: Sequence[Verdict]
    said_title: str
    said: Sequence[str]
    arms: Table
    about_arms: str
    costs_title: str
    cells: Table
    costs: Sequence[dict[str, Any]]
    rows: Literal["language", "condition"]
    legend: Legend
    signature: str

    @property
    def is_low(self) -> bool:
        """Whether the picture takes little room."""
        return max(Counter(cost["arm"] for cost in self.costs).values(), default=0) <= FEW_COSTS
