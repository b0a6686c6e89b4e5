"""What became of each language of an arm under one condition: one word each."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.tables import Tables
from bench.frames import records
from bench.suite import CLEAN, ArmSpec


@dataclass(frozen=True)
class Outcomes:
    """Languages by their mark; `within` are those of any mark whose cost is shown to be within the declared margin.

    `detectable`: of the undecided rows, the smallest and the largest cost, in points, that would have borne the mark
    with 80 % chance; None where no row has one.
    """

    worse: tuple[str, ...]
    better: tuple[str, ...]
    undecided: tuple[str, ...]
    floor: tuple[str, ...]
    within: tuple[str, ...]
    detectable: tuple[float, float] | None

    @property
    def languages(self) -> int:
        return sum(map(len, (self.worse, self.better, self.undecided, self.floor)))


def outcomes_of(tables: Tables, arm: ArmSpec, condition: str = CLEAN) -> Outcomes:
    """Of an arm that has a control, each language by its own metric."""
    of_arm = rows_of(tables.comparisons, arm)
    of_arm = of_arm[of_arm["condition"] == condition]
    chosen = of_arm[of_arm["primary"].astype(bool)].set_index("language", drop=False)
    chosen = chosen.loc[list(dict.fromkeys(of_arm["language"]))]  # the suite's order: the rows are sorted by metric
    named = {word: _languages(chosen, "direction", word) for word in ("worse", "better", "undecided", "floor")}
    limits = [row["mde"] for row in records(chosen) if row["direction"] == "undecided" and isfinite(row["mde"])]
    return Outcomes(
        **named,
        within=_languages(chosen, "margin", "within"),
        detectable=(min(limits), max(limits)) if limits else None,
    )


def _languages(rows: pd.DataFrame, column: str, word: str) -> tuple[str, ...]:
    return tuple(rows.loc[rows[column] == word, "language"])
