"""What became of each language of an arm under one condition: one word each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import pandas as pd

from bench.compare.picking import rows_of
from bench.compare.pipeline import Tables
from bench.frames import records
from bench.suite import CLEAN, ArmSpec


@dataclass(frozen=True)
class Outcomes:
    """Languages by their mark; `within` are those of any mark whose cost is shown to be within the declared margin.

    `detectable`: by metric, of the undecided rows, the smallest and the largest cost, in points, that would have borne
    the mark with 80 % chance; `unknown`: those of which no such cost is known.
    """

    worse: tuple[str, ...]
    better: tuple[str, ...]
    undecided: tuple[str, ...]
    floor: tuple[str, ...]
    within: tuple[str, ...]
    detectable: Mapping[str, tuple[float, float]]
    unknown: tuple[str, ...]

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
    undecided = [row for row in records(chosen) if row["direction"] == "undecided"]
    limits: dict[str, list[float]] = {}
    for row in undecided:
        if isfinite(row["mde"]):
            limits.setdefault(row["metric"], []).append(row["mde"])
    return Outcomes(
        **named,
        within=_languages(chosen, "margin", "within"),
        detectable={metric: (min(costs), max(costs)) for metric, costs in limits.items()},
        unknown=tuple(row["language"] for row in undecided if not isfinite(row["mde"])),
    )


def _languages(rows: pd.DataFrame, column: str, word: str) -> tuple[str, ...]:
    return tuple(rows.loc[rows[column] == word, "language"])
