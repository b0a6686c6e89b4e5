"""What a cell's costs are shown to lie below and above, however few clips changed; and what it cannot have seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.comparing.cells import Cell, fixed_rng
from bench.comparing.parts import Bounds, Runaways
from bench.comparing.protocol import Protocol
from bench.scoring import Metric
from bench.stats import Floats, Interval, PairedSums, bound_capped_cost, draw_clusters, largest_share
from bench.suite import ArmId

DRAWS = 2_000
"""Draws of the clusters' weights: each gives its chance in closed form, so that few do."""


@dataclass(frozen=True, eq=False)
class BoundDraws:
    """The draws of one cell's clusters, the same for all arms and metrics."""

    protocol: Protocol
    clips: Floats
    sentences: Floats | None
    weights: Floats

    @classmethod
    def of(cls, protocol: Protocol, cell: Cell) -> BoundDraws:
        clips = cell.by_unit(np.ones(len(cell.clips)))
        sentences = None if cell.sentences is None else np.bincount(cell.sentences[0]).astype(np.float64)
        return cls(protocol, clips, sentences, draw_clusters(clips, DRAWS, fixed_rng(cell.language, 2)))

    def bound(self, capped: PairedSums) -> Bounds:
        """The bounds of a cost from the sums of its capped errors."""
        cost = bound_capped_cost(capped, self.clips, self.weights, self.sentences)
        declared = self.protocol.statistics.margin
        margin = math.nan if declared is None else declared / 100
        low, high = cost.interval
        return Bounds(Interval(100 * low, 100 * high), cost.p_above(margin), cost.p_below(margin), cost.units)

    def runaways(self, cell: Cell, arm: ArmId, metric: Metric, units: float) -> Runaways:
        """What is not ruled out of an arm's runaways where the clips are worth so many independent ones."""
        errors = cell.arms[arm].by_metric[metric]
        seen, clips = int(errors.runaway.sum()), len(cell.clips)
        share = largest_share(seen * units / clips, units)
        budget, length = self.protocol.max_new_tokens, errors.length.sum()
        points = math.nan if budget is None or not length else 100 * share * budget * clips / length
        return Runaways(100 * share, float(points))
