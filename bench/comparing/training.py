"""What training changed, and what conversion did before it: arms against those that their training began with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bench.comparing.cells import Cell
from bench.comparing.clips import Floats
from bench.comparing.contrasts import Deltas
from bench.comparing.costs import in_points
from bench.comparing.protocol import Protocol
from bench.scoring import Metric
from bench.stats import Estimate, bootstrap_deltas
from bench.suite import ArmId, ArmSpec

Kind = Literal["training", "zero-shot"]


@dataclass(frozen=True)
class TrainingChange:
    """A difference that belongs to `arm`, of one arm minus another, in a language's primary metric.

    `training`: the arm minus its start. `zero-shot`: the start minus the start of the arm's control, which is what
    conversion does before any training. `rate`, `against_rate`: of the two, per cent; `delta` in percentage points.
    """

    arm: ArmId
    language: str
    condition: str
    metric: Metric
    kind: Kind
    of: ArmId
    against: ArmId
    rate: float
    against_rate: float
    delta: Estimate
    p: float


@dataclass(frozen=True)
class _Pair:
    kind: Kind
    arm: ArmId
    of: ArmSpec
    against: ArmSpec


def compare_training(protocol: Protocol, cell: Cell, weights: Floats) -> tuple[list[TrainingChange], Deltas]:
    """One of every arm that has a start, two where it is converted, from the same resamples as the cell's costs.

    And the bootstrap of every zero-shot delta.
    """
    metric = protocol.primary(cell.language)
    pairs = list(_pairs(protocol))
    if not pairs:
        return [], {}
    sums = [cell.sums(pair.of.id, pair.against.id, metric) for pair in pairs]
    deltas = bootstrap_deltas(sums, weights)
    changes = [
        TrainingChange(
            arm=pair.arm,
            language=cell.language,
            condition=cell.condition,
            metric=metric,
            kind=pair.kind,
            of=pair.of.id,
            against=pair.against.id,
            rate=100 * of_pair.converted.sum() / of_pair.length.sum(),
            against_rate=100 * of_pair.control.sum() / of_pair.length.sum(),
            delta=in_points(delta),
            p=delta.p,
        )
        for pair, of_pair, delta in zip(pairs, sums, deltas, strict=True)
    ]
    zero_shot = {
        (pair.arm, metric): delta for pair, delta in zip(pairs, deltas, strict=True) if pair.kind == "zero-shot"
    }
    return changes, zero_shot


def _pairs(protocol: Protocol) -> Iterator[_Pair]:
    for arm in protocol.arms:
        start = protocol.starts.get(arm.id)
        if start is None:
            continue
        yield _Pair("training", arm.id, arm, start)
        control = protocol.controls.get(arm.id)
        if control is not None:
            yield _Pair("zero-shot", arm.id, start, protocol.starts.get(control.id, control))
