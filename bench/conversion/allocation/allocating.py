"""Widths for a budget of cached values, or for a loss that must not be exceeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from bench.conversion.allocation.curves import Curve, grid_of, measure_curves
from bench.conversion.allocation.exchange import exchange, most_trials, moved_to
from bench.conversion.allocation.probing import probe
from bench.conversion.allocation.programming import Prices, allocate
from bench.conversion.allocation.sites import Site, Sites
from bench.conversion.watching import Watch
from bench.errors import BenchError
from bench.mla.inits import Init
from bench.mla.moments import Taught, collect_moments
from bench.mla.shapes import EXACT, KV, LatentShape, Module

PROBED, A_LANGUAGE = 44, 2
"""Clips that damage is measured on, in all; but so many of each language."""


@dataclass(frozen=True)
class Allocation:
    """The chosen rank of each site, the curves behind the choice, and the joint divergence in nats a token.

    The divergence is of factors that never saw the clips that it was measured on.
    """

    ranks: tuple[tuple[Site, int], ...]
    curves: tuple[Curve, ...]
    prices: Prices
    budget: int
    nats: float

    def shapes(self, width: int, kv: KV | None = None) -> dict[Module, LatentShape]:
        """As `convert` takes them; the whole width needs no factors."""
        return shapes_of(dict(self.ranks), width, kv)


def shapes_of(ranks: Mapping[Site, int], width: int, kv: KV | None = None) -> dict[Module, LatentShape]:
    """As `convert` takes them. Cross-attentions of which some attend whole states keep factors of full rank there.

    A shared latent of the whole width is the encoder's states themselves, unless `kv` is to round what is cached.
    """
    found: dict[Module, LatentShape] = {}
    for module in dict.fromkeys(site.module for site in ranks):
        of_module = {site: rank for site, rank in ranks.items() if site.module == module}
        shared = None in (site.layer for site in of_module)
        if all(rank >= width for rank in of_module.values()) and not (shared and kv):
            found[module] = EXACT
        elif shared:
            found[module] = LatentShape(0, next(iter(of_module.values())), shared=True)
        else:
            whole = None if module == "self" else width
            found[module] = LatentShape.of_ranks([whole if rank >= width else rank for rank in of_module.values()])
    return found


def list_sites(layers: int, modules: Sequence[Module], share_cross: bool) -> tuple[Site, ...]:
    """What has a width of its own in a decoder with so many layers."""
    sites = [
        Site(module, layer)
        for module in modules
        for layer in ([None] if module == "cross" and share_cross else range(layers))
    ]
    return tuple(sites)


class Allocator:
    """Probes a stock model once; any budget or loss is then allocated from the same curves.

    Every second clip of a language only measures, up to a number; the factors that are tried come from the others.
    `watch` hears of trials of one clip. Raises BenchError for too few clips.
    """

    def __init__(
        self,
        model: Any,
        sites: Sequence[Site],
        init: Init,
        batches: Sequence[Taught],
        prompt_tokens: int,
        curves: tuple[Curve, ...] | None,
        watch: Watch,
    ) -> None:
        self.prompt_tokens, self.watch = prompt_tokens, watch
        factors, self.probed = split(batches)
        modules = tuple(dict.fromkeys(site.module for site in sites))
        self.sites = Sites(model, sites, init, collect_moments(model, factors, modules))
        trials = len(sites) * len(grid_of(self.sites.width)) * len(self.probed)
        measuring = partial(watch, "measuring widths", trials)
        self.curves = curves or measure_curves(self.sites, self.probed, prompt_tokens, measuring)

    def for_budget(self, prices: Prices, budget: int, near: Allocation | None = None) -> Allocation:
        """The ranks of least divergence found whose values cost at most `budget`. Raises BenchError where none do.

        `near`: what was found at another budget, which the search may begin from.
        """
        start = allocate(self.curves, prices, budget)
        if start is None:
            least = prices.total(dict.fromkeys(self.sites.order, 1))
            raise BenchError(f"a budget of {budget:,} cached values: a value of each latent alone takes {least:,}")
        trials = most_trials(len(start)) * len(self.probed)
        measure = partial(self._measure, "exchanging ranks", trials)
        moved = None if near is None else moved_to(dict(near.ranks), self.curves, prices, budget)
        if moved is not None:
            start = min(zip(measure([start, moved]), (start, moved), strict=True), key=lambda pair: pair[0])[1]
        ranks, nats = exchange(start, self.sites.width, prices, budget, measure)
        return Allocation(tuple(ranks.items()), self.curves, prices, budget, nats)

    def for_loss(
        self, prices: Prices, most: float, total: int, tolerance: int, near: Allocation | None = None
    ) -> Allocation:
        """Of the smallest budget that stays at or below `most` nats a token where damage adds up, to a `tolerance`.

        `total`: what whole states cost, which lose nothing; `near`: what was found for another loss.
        """
        low, high = 0, total
        rounds = max(1, total // tolerance).bit_length() + 1
        measure = partial(self._measure, "searching budgets", rounds * len(self.probed))
        while high - low > tolerance:
            middle = (low + high) // 2
            ranks = allocate(self.curves, prices, middle)
            within = ranks is not None and measure([ranks])[0] <= most
            low, high = (low, middle) if within else (middle, high)
        return self.for_budget(prices, high, near)

    def _measure(self, what: str, trials: int, allocations: Sequence[Mapping[Site, int]]) -> list[float]:
        return probe(self.sites, self.probed, allocations, self.prompt_tokens, partial(self.watch, what, trials))


def split(batches: Sequence[Taught]) -> tuple[list[Taught], list[Taught]]:
    """Those that factors come from and those that damage is measured on. Raises BenchError where either has none."""
    factors: list[Taught] = []
    probed: list[Taught] = []
    languages = len({taught.language for taught in batches})
    most = max(A_LANGUAGE, PROBED // max(1, languages))
    for _, group in groupby(batches, key=lambda taught: taught.language):
        of_language = list(group)
        chosen = of_language[1::2][:most]
        probed += chosen
        factors += [taught for taught in of_language if all(taught is not each for each in chosen)]
    if not probed:
        raise BenchError("too few calibration clips to allocate by: two of a language are needed; raise --clips")
    return factors, probed
