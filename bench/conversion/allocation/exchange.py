"""Damage does not quite add up: ranks are moved from one attention to another while that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench.conversion.allocation.curves import Curve
from bench.conversion.allocation.programming import STEPS, Prices
from bench.conversion.allocation.sites import Site

TRIED_TOGETHER = 4
"""Moves that are measured of each round: those that promise most."""
ROUNDS, WORTH = 10, 0.01
"""At most so many; a round that betters the divergence by less than this share is the last."""
Measure = Callable[[Sequence[Mapping[Site, int]]], list[float]]
"""The divergence of several allocations."""


def exchange(
    start: Mapping[Site, int], width: int, prices: Prices, budget: int, measure: Measure
) -> tuple[dict[Site, int], float]:
    """An allocation that no move of a step betters by much, and its divergence in nats a token.

    Each round measures every site a step narrower and a step wider; the moves that promise most by those are measured
    themselves, and the best is made if it helps. A move keeps to the budget.
    """
    step = max(1, width // STEPS)
    ranks = dict(start)
    (nats,) = measure([ranks])
    for _ in range(ROUNDS):
        narrower = {site: rank - step for site, rank in ranks.items() if rank > step}
        wider = {site: min(rank + step, width) for site, rank in ranks.items() if rank < width}
        trials = [{**ranks, site: rank} for changes in (narrower, wider) for site, rank in changes.items()]
        if not trials:
            break
        found = iter(measure(trials))
        loss, gain = ({site: next(found) - nats for site in changes} for changes in (narrower, wider))
        moves = _moves(ranks, narrower, wider, prices, budget)
        promising = sorted(moves, key=lambda move: (loss[move[0]] if move[0] else 0.0) + gain[move[1]])[:TRIED_TOGETHER]
        made = [_made(ranks, narrower, wider, move) for move in promising]
        if not made:
            break
        best, allocation = min(zip(measure(made), made, strict=True), key=lambda pair: pair[0])
        if best >= nats:
            break
        gained, ranks, nats = 1 - best / nats, allocation, best
        if gained < WORTH:
            break
    return ranks, nats


def moved_to(ranks: Mapping[Site, int], curves: Sequence[Curve], prices: Prices, budget: int) -> dict[Site, int] | None:
    """What was exchanged at one budget, step by step at another, where by the curves a value hurts least or helps most.

    None where no step leads there.
    """
    of_site, step = {curve.site: curve for curve in curves}, max(1, curves[0].width // STEPS)
    found = dict(ranks)

    def per_value(site: Site, other: int) -> float:
        here, there = of_site[site].at([found[site], other])
        return float(abs(here - there)) / (prices.of(site) * abs(other - found[site]))

    while prices.total(found) > budget:
        narrower = [(per_value(site, rank - step), site) for site, rank in found.items() if rank > step]
        if not narrower:
            return None
        found[min(narrower)[1]] -= step
    while True:
        wider = {site: min(rank + step, of_site[site].width) for site, rank in found.items()}
        fits = {site for site in wider if wider[site] > found[site]}
        fits = {site for site in fits if prices.total({**found, site: wider[site]}) <= budget}
        if not fits:
            return found
        best = max((per_value(site, wider[site]), site) for site in fits)[1]
        found[best] = wider[best]


def most_trials(sites: int) -> int:
    """Allocations that an exchange measures at most."""
    return 1 + ROUNDS * (2 * sites + TRIED_TOGETHER)


Move = tuple[Site | None, Site]
"""From a site to another; from none where the budget has room."""


def _moves(
    ranks: Mapping[Site, int], narrower: Mapping[Site, int], wider: Mapping[Site, int], prices: Prices, budget: int
) -> list[Move]:
    moves: list[Move] = [(None, taker) for taker in wider]
    moves += [(giver, taker) for giver in narrower for taker in wider if giver != taker]
    return [move for move in moves if prices.total(_made(ranks, narrower, wider, move)) <= budget]


def _made(
    ranks: Mapping[Site, int], narrower: Mapping[Site, int], wider: Mapping[Site, int], move: Move
) -> dict[Site, int]:
    giver, taker = move
    given = {} if giver is None else {giver: narrower[giver]}
    return {**ranks, **given, taker: wider[taker]}
