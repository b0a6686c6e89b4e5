"""What became of each language of an arm under one condition: one word each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from bench.analysis.power import is_least
from bench.comparing import ArmResults, Comparison
from bench.scoring import Metric
from bench.suite import CLEAN


@dataclass(frozen=True)
class VerdictCounts:
    """Languages by their mark, `identical` where no transcript differs; `within` are those of any mark whose cost is
    shown to be within the declared margin.

    `detectable`: by metric, of the undecided languages, the smallest and the largest cost, in points, that would have
    borne the mark with 80 % chance, `least` where for one of them it is the least that it can be; `unknown`: those of
    which too few units differ for that, each with the largest cost that is not ruled out.
    """

    worse: tuple[str, ...]
    better: tuple[str, ...]
    undecided: tuple[str, ...]
    identical: tuple[str, ...]
    floor: tuple[str, ...]
    within: tuple[str, ...]
    detectable: Mapping[Metric, tuple[float, float]]
    least: bool
    unknown: Mapping[str, float]

    @property
    def languages(self) -> int:
        return sum(map(len, (self.worse, self.better, self.undecided, self.identical, self.floor)))


def count_verdicts(arm: ArmResults, condition: str = CLEAN) -> VerdictCounts:
    """Sorts the languages of an arm by their marks, each by its own metric."""
    primary = arm.under(condition).primary
    unmarked = [row for row in primary if row.verdict.direction == "undecided"]
    undecided = [row for row in unmarked if not row.is_identical]
    return VerdictCounts(
        worse=_languages(row for row in primary if row.verdict.direction == "worse"),
        better=_languages(row for row in primary if row.verdict.direction == "better"),
        undecided=_languages(undecided),
        identical=_languages(row for row in unmarked if row.is_identical),
        floor=_languages(row for row in primary if row.verdict.direction == "floor"),
        within=_languages(row for row in primary if row.verdict.margin == "within"),
        detectable=_detectable(undecided),
        least=any(map(is_least, undecided)),
        unknown={row.language: row.detectable for row in undecided if not _is_known(row)},
    )


def _detectable(undecided: Sequence[Comparison]) -> dict[Metric, tuple[float, float]]:
    """In the order in which the metrics first occur."""
    limits: dict[Metric, list[float]] = {}
    for row in undecided:
        if _is_known(row):
            limits.setdefault(row.metric, []).append(row.mde)
    return {metric: (min(costs), max(costs)) for metric, costs in limits.items()}


def _is_known(row: Comparison) -> bool:
    return row.is_resampled and isfinite(row.mde)


def _languages(rows: Iterable[Comparison]) -> tuple[str, ...]:
    return tuple(row.language for row in rows)
