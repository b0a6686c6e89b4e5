"""More than two systems: all compared with the first, or each with each, and ranked by what the tests tell apart."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.external.files import read_files
from bench.comparing.external.options import PairOptions
from bench.comparing.external.reading import SUFFIXES
from bench.comparing.external.sides import Sides
from bench.comparing.external.systems import Compared, compare_systems
from bench.stats import direction, is_significant
from bench.suite import ArmId


@dataclass(frozen=True)
class Ranking:
    """Systems over the same utterances under one condition.

    `systems`: the control measured, then the others compared with it, in the order given; the `arm` of each is its
    name. `comparisons`: those and, where `all_pairs`, of every system with all that are before it; each p is corrected
    after Holm over all of them. `ranks`: by name, 1 the best; systems share ranks.

    Where `all_pairs`, a rank is 1 + the number of systems that are significantly better. Not being told apart is not
    transitive: of three systems the outer ones may be told apart and the middle one from neither; it then shares the
    rank of the better one. Otherwise nothing but the control is compared with a system: a rank is 1 + the number of
    systems in better groups, which are those significantly better than the control, those that are not told apart
    from it (and itself), and those significantly worse. A control that is unusable (floor) bears no marks, but ranks.
    """

    systems: tuple[Measurement, ...]
    comparisons: tuple[Comparison, ...]
    ranks: dict[str, int]
    all_pairs: bool
    signature: str


@dataclass(frozen=True)
class RankingResult:
    """One ranking a condition, and what must be said beside them."""

    rankings: tuple[Ranking, ...]
    notices: tuple[str, ...]

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Those of all conditions."""
        return tuple(row for ranking in self.rankings for row in ranking.comparisons)


def rank_files(paths: Sequence[Path], options: PairOptions) -> RankingResult:
    """Ranks the hypotheses of two files or more, the control's first, condition by condition.

    Raises BenchError as `read_files` does.
    """
    read = read_files(paths, options)
    ranked = rank_sides(name_files(paths, options.hypothesis_fields), read.sides, read.code, options)
    return RankingResult(ranked.rankings, (*ranked.notices, *read.notices(ranked.comparisons)))


def rank_sides(names: Sequence[str], sides: Sides, code: str | None, options: PairOptions) -> RankingResult:
    """Ranks sides, the control's first, as `compare_systems` takes them."""
    compared, notices = compare_systems(names, sides, code, options)
    return RankingResult(tuple(_ranking(condition, options.all_pairs) for condition in compared), tuple(notices))


def name_files(paths: Sequence[Path], fields: Sequence[str]) -> list[str]:
    """What systems are called: files without suffix; where two are alike, with their columns, or with the folders or
    suffixes in which they differ; else numbered.
    """
    folder = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    places = [path.absolute().relative_to(folder) for path in paths]
    stems = [place.with_suffix("") if place.suffix in SUFFIXES else place for place in places]
    ways = [[stem.name for stem in stems]]
    if len(fields) == len(paths):
        ways.append([f"{stem.name}:{field}" for stem, field in zip(stems, fields, strict=True)])
    ways += [[stem.as_posix() for stem in stems], [place.as_posix() for place in places]]
    numbered = [f"{stem.as_posix()} ({number})" for number, stem in enumerate(stems, start=1)]
    return next((names for names in ways if len(set(names)) == len(names)), numbered)


def called_as_files(comparisons: Sequence[Comparison], paths: Sequence[Path], options: PairOptions) -> list[Comparison]:
    """Two files' comparisons, the sides called as systems of a ranking are."""
    control, arm = map(ArmId, name_files(paths, options.hypothesis_fields))
    return [replace(row, control=control, arm=arm) for row in comparisons]


def _ranking(compared: Compared, all_pairs: bool) -> Ranking:
    names = [row.arm for row in compared.systems]
    rank = _rank_pairs if all_pairs else _rank_groups
    ranks = rank(names, compared.comparisons)
    return Ranking(compared.systems, compared.comparisons, ranks, all_pairs, compared.signature)


def _rank_pairs(names: Sequence[str], comparisons: Sequence[Comparison]) -> dict[str, int]:
    """1 + the number of systems that are significantly better."""
    worse = Counter[str](row.arm for row in comparisons if _told(row) == "worse")
    worse.update(row.control for row in comparisons if _told(row) == "better")
    return {name: 1 + worse[name] for name in names}


def _rank_groups(names: Sequence[str], comparisons: Sequence[Comparison]) -> dict[str, int]:
    """1 + the number of systems in better groups, as held against the control, which is the first."""
    order = ["better", "undecided", "worse"]
    groups = {names[0]: 1} | {row.arm: order.index(_told(row)) for row in comparisons}
    return {name: 1 + sum(other < groups[name] for other in groups.values()) for name in names}


def _told(row: Comparison) -> str:
    return direction(is_told_apart(row), row.delta.value)


def is_told_apart(row: Comparison) -> bool:
    """Whether two systems are told apart for sure, be the control of the pair usable or not."""
    return is_significant(row.verdict.p_adjusted) and not row.verdict.on_the_line
