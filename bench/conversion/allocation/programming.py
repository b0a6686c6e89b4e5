"""The split of a budget over attentions whose damage adds up: dynamic programming, and where it does not help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.conversion.allocation.curves import Curve
from bench.conversion.allocation.sites import Site

STEPS = 32
"""Ranks that are chosen among are multiples of a width's thirty-second, or finer where the budget is small."""


@dataclass(frozen=True)
class Prices:
    """What a value of a site's latent costs, in values of the decode cache: how often it is kept.

    `tokens`: positions of the text; `frames`: of the encoder's output.
    """

    tokens: int
    frames: int

    def of(self, site: Site) -> int:
        """Times that one value of the site's latent is kept."""
        return self.tokens if site.module == "self" else self.frames

    def total(self, ranks: Mapping[Site, int]) -> int:
        """Values cached with these ranks."""
        return sum(rank * self.of(site) for site, rank in ranks.items())


def allocate(curves: Sequence[Curve], prices: Prices, budget: int) -> dict[Site, int] | None:
    """The ranks of least added damage whose values together cost at most `budget`; None where there are none.

    Sites of one price share one table; two tables meet where the sum of their damage is least.
    """
    tables = [
        _Table.of([curve for curve in curves if prices.of(curve.site) == price], price, budget)
        for price in sorted({prices.of(curve.site) for curve in curves})
    ]
    if any(table is None for table in tables):
        return None
    whole = [table for table in tables if table is not None]
    best: tuple[float, tuple[int, ...]] | None = None
    last = whole[-1]
    for spent in range(len(last.least)):
        left = budget - spent * last.cost
        others = [min(left // table.cost, len(table.least) - 1) for table in whole[:-1]]
        if left < 0 or any(other < 0 for other in others):
            break
        places = (*others, spent)
        damage = sum(float(table.least[place]) for table, place in zip(whole, places, strict=True))
        if np.isfinite(damage) and (best is None or damage < best[0]):
            best = damage, places
    if best is None:
        return None
    found: dict[Site, int] = {}
    for table, place in zip(whole, best[1], strict=True):
        found |= table.ranks(place)
    return {curve.site: found[curve.site] for curve in curves}


@dataclass(frozen=True)
class _Table:
    """Least damage of sites of one price over the units spent on them, and the choices that lead there."""

    sites: tuple[Site, ...]
    unit: int
    cost: int
    least: NDArray[np.float64]
    choices: tuple[NDArray[np.int64], ...]

    @classmethod
    def of(cls, curves: Sequence[Curve], price: int, budget: int) -> _Table | None:
        """A unit is a rank's step; None where not even a value a site can be paid."""
        affordable, width = budget // price, curves[0].width
        if affordable < len(curves):
            return None
        unit = max(1, min(width // STEPS, affordable // len(curves)))
        options = [*range(unit, width, unit), width]
        units = [-(-option // unit) for option in options]
        most = min(affordable // unit, len(curves) * units[-1])
        least = np.zeros(most + 1)
        choices = []
        for curve in curves:
            damage = curve.at(options)
            trials = np.full((len(options), most + 1), np.inf)
            for row, (cost, more) in enumerate(zip(units, damage, strict=True)):
                if cost <= most:
                    trials[row, cost:] = least[: most + 1 - cost] + more
            choices.append(np.array(options)[trials.argmin(axis=0)])
            least = trials.min(axis=0)
        return cls(tuple(curve.site for curve in curves), unit, unit * price, least, tuple(choices))

    def ranks(self, spent: int) -> dict[Site, int]:
        found = {}
        for site, choice in zip(reversed(self.sites), reversed(self.choices), strict=True):
            found[site] = int(choice[spent])
            spent -= -(-found[site] // self.unit)
        return {site: found[site] for site in self.sites}
