"""What is drawn of converted arms against their controls: sums of each measure, and their resamples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.comparing.cells import Cell
from bench.comparing.clips import Floats
from bench.comparing.protocol import Protocol
from bench.scoring import METRICS, Metric
from bench.stats import Bootstrap, PairedSums, bootstrap_deltas, bootstrap_log_ratios, sign_flip
from bench.suite import ArmId, ArmSpec

MEASURES = ("errors", "capped", "substitutions", "deletions", "insertions")
SENSITIVITY = "sensitivity"
Key = tuple[ArmId, Metric]
"""Arm id and metric."""
Deltas = Mapping[Key, Bootstrap]
"""By arm id and metric, what the resamples of one cell made of a delta."""


@dataclass(frozen=True, eq=False)
class Contrast:
    """A converted arm and a metric: the sums of each measure, and what the resamples made of them."""

    sums: Mapping[str, PairedSums]
    deltas: Mapping[str, Bootstrap]
    ratio: Bootstrap
    p_signflip: float

    @property
    def errors(self) -> Bootstrap:
        return self.deltas["errors"]


def draw_contrasts(protocol: Protocol, cell: Cell, weights: Floats) -> dict[Key, Contrast]:
    """Of every converted arm and metric, all from the same resamples and flips."""
    sums = {(arm.id, metric): _sums(protocol, cell, arm, metric) for arm in protocol.converted for metric in METRICS}
    if not sums:
        return {}
    flat = [of_measure for of_key in sums.values() for of_measure in of_key.values()]
    deltas = iter(bootstrap_deltas(flat, weights))
    errors = [of_key["errors"] for of_key in sums.values()]
    ratios = bootstrap_log_ratios(errors, weights)
    flips = sign_flip(errors, protocol.resamples, cell.rng(protocol, 1))
    return {
        key: Contrast(of_key, {measure: next(deltas) for measure in of_key}, ratio, flip)
        for (key, of_key), ratio, flip in zip(sums.items(), ratios, flips, strict=True)
    }


def _sums(protocol: Protocol, cell: Cell, arm: ArmSpec, metric: Metric) -> dict[str, PairedSums]:
    """Everything whose delta is bootstrapped, by measure."""
    control = protocol.controls[arm.id].id
    sums = {measure: cell.sums(arm.id, control, metric, measure) for measure in MEASURES}
    if cell.sensitivity is not None:
        sums[SENSITIVITY] = cell.sums(arm.id, control, metric, "errors", cell.sensitivity)
    return sums
