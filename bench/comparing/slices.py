"""Costs within parts of a cell: clips of one length, speakers of one gender, age or accent. Exploratory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from bench.comparing.cells import Cell
from bench.comparing.clips import Flags, Floats
from bench.comparing.costs import in_points
from bench.comparing.protocol import UTTERANCE, Protocol
from bench.scoring import Metric
from bench.stats import Bootstrap, Estimate, PairedSums, benjamini_hochberg, bootstrap_deltas, within
from bench.suite import ArmId

TRAITS = ("gender", "age", "accent")
QUARTILES = 4


@dataclass(frozen=True)
class Slice:
    """One arm's cost over part of a cell's clips, in the language's primary metric.

    `kind`: length (of the reference) or a trait, `value` which. `p_bh`: after Benjamini and Hochberg over all slices of
    the arm.
    """

    arm: ArmId
    language: str
    condition: str
    metric: Metric
    kind: str
    value: str
    clips: int
    speakers: int
    rate: float
    control_rate: float
    delta: Estimate
    p: float
    p_bh: float = nan


@dataclass(frozen=True, eq=False)
class _Part:
    """Part of a cell's clips, those for which `mask` is true."""

    kind: str
    value: str
    mask: Flags


def compare_slices(protocol: Protocol, cell: Cell, weights: Floats) -> list[Slice]:
    """Every converted arm's slices, from the same resamples as the cell's cost. Corrections are still to come.

    Speakers without a clip in the slice are drawn too and add nothing: how many are in it is random as well.
    """
    metric = protocol.primary(cell.language)
    parts = list(_parts(cell, metric))
    keys = [(arm.id, part) for arm in protocol.converted for part in parts]
    if not keys:
        return []
    sums = [_masked(cell, arm, protocol.controls[arm].id, metric, part.mask) for arm, part in keys]
    deltas = bootstrap_deltas(sums, weights)
    return [
        _slice(cell, metric, arm, part, of_slice, delta)
        for (arm, part), of_slice, delta in zip(keys, sums, deltas, strict=True)
    ]


def _slice(cell: Cell, metric: Metric, arm: ArmId, part: _Part, sums: PairedSums, delta: Bootstrap) -> Slice:
    length = sums.length.sum()
    return Slice(
        arm=arm,
        language=cell.language,
        condition=cell.condition,
        metric=metric,
        kind=part.kind,
        value=part.value,
        clips=int(part.mask.sum()),
        speakers=cell.clips.loc[part.mask, "speaker_id"].nunique() if cell.unit != UTTERANCE else 0,
        rate=100 * sums.converted.sum() / length if length else nan,
        control_rate=100 * sums.control.sum() / length if length else nan,
        delta=in_points(delta),
        p=delta.p,
    )


def correct_slices(slices: Sequence[Slice]) -> list[Slice]:
    """Corrects all slices of one arm as one grid, after Benjamini and Hochberg."""
    adjusted = within([part.arm for part in slices], [part.p for part in slices], benjamini_hochberg)
    return [replace(part, p_bh=p) for part, p in zip(slices, adjusted, strict=True)]


def _parts(cell: Cell, metric: Metric) -> Iterator[_Part]:
    """Quartiles of the reference's length; a trait where the corpus names two values of it at least."""
    length = next(iter(cell.arms.values())).by_metric[metric].length
    edges = np.unique(np.quantile(length, np.arange(1, QUARTILES) / QUARTILES, method="inverted_cdf"))
    quartile = np.searchsorted(edges, length)
    for number in np.unique(quartile):
        mask = quartile == number
        yield _Part("length", f"{length[mask].min()}-{length[mask].max()}", mask)
    for trait in TRAITS:
        values = cell.clips[trait].to_numpy(dtype=str)
        named = sorted(set(values) - {""})
        if len(named) > 1:
            yield from (_Part(trait, value, values == value) for value in named)


def _masked(cell: Cell, arm: ArmId, control: ArmId, metric: Metric, mask: Flags) -> PairedSums:
    ours, theirs = (cell.arms[name].by_metric[metric] for name in (arm, control))
    return PairedSums.of_totals(cell.totals(*(values * mask for values in (theirs.errors, ours.errors, ours.length))))
