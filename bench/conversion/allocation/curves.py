"""What cutting one attention alone does, over a grid of ranks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.conversion.allocation.probing import probe
from bench.conversion.allocation.sites import Site, Sites
from bench.mla.moments import Taught

GRID = (1 / 64, 1 / 32, 1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 5 / 16, 3 / 8, 1 / 2, 5 / 8, 3 / 4)
"""Ranks at which damage is measured, as shares of the model's width."""
SMALLEST = 1e-9
"""Nats a token that count as none: below them rounding speaks."""


@dataclass(frozen=True)
class Curve:
    """Divergence in nats a token with one site cut to each of `ranks` (ascending) and all others `width` wide."""

    site: Site
    width: int
    ranks: tuple[int, ...]
    nats: tuple[float, ...]

    def at(self, ranks: Sequence[int]) -> NDArray[np.float64]:
        """At any ranks: straight between logarithms, never rising with the rank, nothing at the whole width.

        Below the smallest measured rank it rises as between the two smallest, and beyond the largest falls likewise.
        """
        known = np.log(np.maximum(np.minimum.accumulate(self.nats), SMALLEST))
        steps = np.array(self.ranks, dtype=float)
        asked = np.array(ranks, dtype=float)
        found = np.interp(asked, steps, known)
        if len(steps) > 1:
            low, high = ((known[i + 1] - known[i]) / (steps[i + 1] - steps[i]) for i in (0, -2))
            found = np.where(asked < steps[0], known[0] + low * (asked - steps[0]), found)
            found = np.where(asked > steps[-1], known[-1] + high * (asked - steps[-1]), found)
        damage: NDArray[np.float64] = np.where(asked >= self.width, 0.0, np.exp(found))
        return damage


def grid_of(width: int) -> tuple[int, ...]:
    """The ranks that are tried of a model that wide."""
    return tuple(sorted({max(1, round(share * width)) for share in GRID}))


def measure_curves(
    sites: Sites, batches: Sequence[Taught], prompt_tokens: int, advance: Callable[[int], None]
) -> tuple[Curve, ...]:
    """One a site, in their order; `advance` hears how many trials of one clip are done."""
    ranks = grid_of(sites.width)
    cuts = [{site: rank} for site in sites.order for rank in ranks]
    nats = probe(sites, batches, cuts, prompt_tokens, advance)
    of_site = [tuple(nats[start : start + len(ranks)]) for start in range(0, len(nats), len(ranks))]
    return tuple(Curve(site, sites.width, ranks, found) for site, found in zip(sites.order, of_site, strict=True))
