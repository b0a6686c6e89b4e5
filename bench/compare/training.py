"""What training changed, and what conversion did before it: arms against those that their training began with."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.compare.cells import Cell
from bench.compare.protocol import ALPHA, Protocol
from bench.stats import Bootstrap, bootstrap_deltas
from bench.suite import ArmSpec

ZERO_SHOT = "zero-shot"
Pair = tuple[str, ArmSpec, ArmSpec, ArmSpec]
"""What the difference is of, the arm it belongs to, and the two that are subtracted: the latter from the former."""


def compare_training(
    protocol: Protocol, cell: Cell, weights: npt.NDArray[np.float64]
) -> tuple[list[dict[str, Any]], dict[tuple[str, str], Bootstrap]]:
    """A row an arm that has a start, and two where it is a converted one; in the language's primary metric.

    `training`: the arm minus its start. `zero-shot`: the start minus the start of the arm's control, which is what
    conversion does before any training. In percentage points, from the same resamples as the cell's costs. And the
    bootstrap of every zero-shot delta, by arm id and metric.
    """
    metric = protocol.primary(cell.language)
    pairs = list(_pairs(protocol))
    if not pairs:
        return [], {}
    columns = f"{metric}_errors", f"{metric}_length"
    sums = [cell.sums(one.id, other.id, *columns) for _, _, one, other in pairs]
    rows: list[dict[str, Any]] = []
    zero_shot: dict[tuple[str, str], Bootstrap] = {}
    for (kind, arm, one, other), of_pair, delta in zip(pairs, sums, bootstrap_deltas(sums, weights), strict=True):
        if kind == ZERO_SHOT:
            zero_shot[arm.id, metric] = delta
        low, high = delta.interval(ALPHA)
        length = of_pair.length.sum()
        rows.append(
            {
                "arm": arm.name,
                "seed": arm.seed,
                "language": cell.language,
                "condition": cell.condition,
                "metric": metric,
                "kind": kind,
                "of": one.id,
                "against": other.id,
                "rate": 100 * of_pair.converted.sum() / length,
                "against_rate": 100 * of_pair.control.sum() / length,
                "delta": 100 * delta.estimate,
                "low": 100 * low,
                "high": 100 * high,
                "p": delta.p,
            }
        )
    return rows, zero_shot


def _pairs(protocol: Protocol) -> Iterator[Pair]:
    for arm in protocol.arms:
        start = protocol.starts.get(arm.id)
        if start is None:
            continue
        yield "training", arm, arm, start
        control = protocol.controls.get(arm.id)
        if control is not None:
            yield ZERO_SHOT, arm, start, protocol.starts.get(control.id, control)
