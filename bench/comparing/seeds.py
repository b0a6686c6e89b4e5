"""Training seeds of one name, each against the control of its seed: a statement about the method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from bench.comparing.cells import Cell
from bench.comparing.protocol import Protocol
from bench.scoring import METRICS, Metric
from bench.stats import (
    ALPHA,
    Direction,
    Estimate,
    PairedSums,
    PooledSeeds,
    direction,
    holm,
    is_significant,
    pool_languages,
    pool_seeds,
    within,
)
from bench.suite import ArmSpec

Pairs = Mapping[tuple[str, Metric], Sequence[PairedSums]]
"""By an arm's name and a metric: each training seed's pair with its control."""


@dataclass(frozen=True)
class SeedCost:
    """The mean cost of all training seeds of one name, in a cell or over several languages.

    `languages`: those it is the mean over. `controls`: how many stand against the `seeds`; `df`: Satterthwaite's
    degrees of freedom. Under three seeds interval and p are NaN. `control_rate`: NaN of several languages.
    `p_adjusted`: after Holm over the languages of one name, condition and metric; a mean over languages is one test.
    """

    name: str
    languages: tuple[str, ...]
    condition: str
    metric: Metric
    seeds: int
    controls: int
    delta: Estimate
    df: float
    p: float
    primary: bool
    control_rate: float
    floor: bool
    is_mean: bool
    p_adjusted: float = nan
    significant: bool = False
    direction: Direction = "undecided"

    @property
    def language(self) -> str:
        """The language, or of how many it is the mean."""
        return f"mean of {len(self.languages)}" if self.is_mean else self.languages[0]


def seeded(protocol: Protocol) -> dict[str, list[ArmSpec]]:
    """The converted arms that were trained from several seeds, by name."""
    names: dict[str, list[ArmSpec]] = {}
    for arm in protocol.converted:
        names.setdefault(arm.name, []).append(arm)
    return {name: arms for name, arms in names.items() if len(arms) > 1}


def pair_seeds(protocol: Protocol, cell: Cell) -> Pairs:
    """Pairs every seed's arm with its control, in one cell."""
    return {
        (name, metric): [cell.sums(arm.id, protocol.controls[arm.id].id, metric) for arm in arms]
        for name, arms in seeded(protocol).items()
        for metric in METRICS
    }


def pool_cell(protocol: Protocol, cell: Cell) -> list[SeedCost]:
    """The mean cost of each name with several seeds, by each metric. Corrections are still to come."""
    costs = []
    for (name, metric), pairs in pair_seeds(protocol, cell).items():
        rates = [100 * sums.control.sum() / sums.length.sum() for sums in pairs] if pairs[0].length.any() else [nan]
        rate = float(np.mean(rates))
        cost = _cost(protocol, name, metric, (cell.language,), cell.condition, pool_seeds(pairs, ALPHA))
        primary = protocol.primary(cell.language) == metric
        costs.append(
            replace(cost, primary=primary, control_rate=rate, floor=protocol.is_floor(rate, metric), is_mean=False)
        )
    return costs


def pool_all(
    protocol: Protocol, cells: Mapping[tuple[str, str], Pairs], of_cells: Sequence[SeedCost]
) -> list[SeedCost]:
    """Means of each name, condition and metric over the languages whose cost is of that metric; one test each.

    Floors are left out. `cells`: every cell's pairs, by language and condition; `of_cells`: what `pool_cell` made of
    them.
    """
    floors = {(cost.name, cost.metric, *cost.languages, cost.condition) for cost in of_cells if cost.floor}
    chosen: dict[tuple[str, str, Metric], dict[str, Sequence[PairedSums]]] = {}
    for (language, condition), pairs in cells.items():
        for (name, metric), of_seeds in pairs.items():
            if protocol.primary(language) == metric and (name, metric, language, condition) not in floors:
                chosen.setdefault((name, condition, metric), {})[language] = of_seeds
    means = []
    for (name, condition, metric), languages in chosen.items():
        pooled = pool_languages(list(languages.values()), ALPHA)
        means.append(_judge(_cost(protocol, name, metric, tuple(languages), condition, pooled), pooled.p))
    return means


def judge_seeds(costs: Sequence[SeedCost], means: Sequence[SeedCost]) -> list[SeedCost]:
    """Holm's correction over the languages of one name, condition and metric; then the means, as they are."""
    families = [(cost.name, cost.condition, cost.metric) for cost in costs]
    adjusted = within(families, [cost.p for cost in costs], holm)
    return [*(_judge(cost, p) for cost, p in zip(costs, adjusted, strict=True)), *means]


def _judge(cost: SeedCost, p: float) -> SeedCost:
    marked = is_significant(p) and not cost.floor
    return replace(cost, p_adjusted=p, significant=marked, direction=direction(marked, cost.delta.value))


def _cost(
    protocol: Protocol, name: str, metric: Metric, languages: tuple[str, ...], condition: str, pooled: PooledSeeds
) -> SeedCost:
    """A cost as it is of a mean over languages."""
    return SeedCost(
        name=name,
        languages=languages,
        condition=condition,
        metric=metric,
        seeds=pooled.seeds,
        controls=len({protocol.controls[arm.id].id for arm in seeded(protocol)[name]}),
        delta=Estimate(pooled.delta, pooled.low, pooled.high, pooled.standard_error).times(100),
        df=pooled.df,
        p=pooled.p,
        primary=True,
        control_rate=nan,
        floor=False,
        is_mean=True,
    )
