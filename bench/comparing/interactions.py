"""Whether conversion costs more under a condition than without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from bench.comparing.cells import Cell, Resamples
from bench.comparing.contrasts import Key
from bench.comparing.costs import in_points
from bench.comparing.protocol import Protocol
from bench.scoring import METRICS, Metric
from bench.stats import (
    ALPHA,
    Bootstrap,
    Estimate,
    PairedSums,
    Totals,
    benjamini_hochberg,
    bootstrap_deltas,
    bootstrap_log_contrasts,
    is_significant,
    minimum_detectable_effect,
    p_hurts_more,
    within,
)
from bench.suite import ArmId, ArmSpec


@dataclass(frozen=True)
class Interaction:
    """How one arm's cost under a condition differs from its clean one, two ways, over the clips of both cells.

    `difference`: cost minus clean cost, in points, `capped_difference` with each clip's errors at most its length.
    `ratio`: relative error rate of the converted arm over the clean one. `mde_alone`: the difference that a test of
    this cell alone would find with 80 % chance. `p_difference`, `p_ratio`: two-sided. `p_more`: that it costs no more
    on at least one scale, one-sided; `p_more_bh`: after Benjamini and Hochberg over the arm's grid.
    """

    arm: ArmId
    control: ArmId
    language: str
    condition: str
    metric: Metric
    primary: bool
    clips: int
    floor: bool
    cost: float
    clean_cost: float
    difference: Estimate
    p_difference: float
    mde_alone: float
    capped_difference: Estimate
    ratio: Estimate
    p_ratio: float
    p_more: float
    p_more_bh: float = nan
    hurts_more: bool = False


def compare_with_clean(
    protocol: Protocol, clean: Cell, cell: Cell, resamples: Resamples
) -> tuple[list[Interaction], Mapping[Key, Bootstrap]]:
    """An interaction of every converted arm and metric, and the bootstrap of every difference.

    On two scales, for a cost may well grow in points while all errors do, and neither scale is the true one; over the
    clips that are readable in both cells, from the same resamples of speakers. Corrections are still to come.
    """
    clean, cell = in_common([clean, cell])
    weights = resamples.of(cell)
    keys = [(arm, metric) for arm in protocol.converted for metric in METRICS]
    sums = [_sums(protocol, clean, cell, *key) for key in keys]
    differences = bootstrap_deltas([_difference(of_key) for of_key in sums], weights)
    capped = bootstrap_deltas([_difference(_sums(protocol, clean, cell, *key, "capped")) for key in keys], weights)
    ratios = bootstrap_log_contrasts([of_key.of(np.eye(5, 4)) for of_key in sums], (1, -1, -1, 1), weights)
    interactions = [
        _interaction(protocol, cell, *of_key) for of_key in zip(keys, sums, differences, capped, ratios, strict=True)
    ]
    return interactions, {(arm.id, metric): delta for (arm, metric), delta in zip(keys, differences, strict=True)}


def judge_interactions(interactions: Sequence[Interaction]) -> list[Interaction]:
    """Corrects `p_more` after Benjamini and Hochberg over each arm's grid of languages and conditions, a metric.

    `hurts_more` only where it remains significant, and the control is not beyond its floor.
    """
    grids = [(interaction.arm, interaction.metric) for interaction in interactions]
    adjusted = within(grids, [interaction.p_more for interaction in interactions], benjamini_hochberg)
    return [
        replace(interaction, p_more_bh=p, hurts_more=is_significant(p) and not interaction.floor)
        for interaction, p in zip(interactions, adjusted, strict=True)
    ]


def in_common(cells: Sequence[Cell]) -> list[Cell]:
    """The cells over the clips that are readable in all of them: mostly they are the same anyway."""
    ids = [set(cell.clips["utterance_id"]) for cell in cells]
    shared = set.intersection(*ids)
    return [cell if len(own) == len(shared) else cell.over(shared) for cell, own in zip(cells, ids, strict=True)]


def _sums(protocol: Protocol, clean: Cell, cell: Cell, arm: ArmSpec, metric: Metric, measure: str = "errors") -> Totals:
    """Five columns: errors of arm and control under the condition, the same without it, and the reference length."""
    pair = arm.id, protocol.controls[arm.id].id
    errors = [of_cell.arms[name].by_metric[metric] for of_cell in (cell, clean) for name in pair]
    return cell.totals(*(getattr(clips, measure) for clips in errors), errors[0].length)


def _difference(sums: Totals) -> PairedSums:
    """The clean cost stands for the control's errors, the cost for the converted arm's."""
    return PairedSums.of_totals(sums.of([[0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1]]))


def _interaction(
    protocol: Protocol,
    cell: Cell,
    key: tuple[ArmSpec, Metric],
    sums: Totals,
    difference: Bootstrap,
    capped: Bootstrap,
    ratio: Bootstrap,
) -> Interaction:
    arm, metric = key
    of_arm, control, clean_arm, clean_control, length = sums.clusters.sum(axis=0)
    capped_difference = in_points(capped)
    return Interaction(
        arm=arm.id,
        control=protocol.controls[arm.id].id,
        language=cell.language,
        condition=cell.condition,
        metric=metric,
        primary=protocol.primary(cell.language) == metric,
        clips=len(cell.clips),
        floor=protocol.is_floor(100 * control / length if length else nan, metric),
        cost=100 * (of_arm - control) / length if length else nan,
        clean_cost=100 * (clean_arm - clean_control) / length if length else nan,
        difference=in_points(difference),
        p_difference=difference.p,
        mde_alone=100 * minimum_detectable_effect(difference.standard_error, difference.critical(ALPHA)),
        capped_difference=capped_difference,
        ratio=_exponentiated(ratio),
        p_ratio=ratio.p,
        p_more=p_hurts_more(difference.one_sided_p, ratio.one_sided_p),
    )


def _exponentiated(log_ratio: Bootstrap) -> Estimate:
    with np.errstate(over="ignore"):
        low, high = (float(np.exp(bound)) for bound in log_ratio.interval(ALPHA))
    return Estimate(float(np.exp(log_ratio.estimate)), low, high)
