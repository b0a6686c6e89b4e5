"""What of the decode cache each cost buys: the points of the frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.size_curves import Estimate, _summary
from bench.compare import Tables
from bench.suite import ArmSpec, Suite


@dataclass(frozen=True)
class Trade:
    """One arm's decode cache, bytes a clip, and its mean cost; `dominated`: another that is held against the
    same control has no more of either.
    """

    arm: str
    control: str | None
    decode_cache: float
    cost: Estimate
    dominated: bool


def trades_of(suite: Suite, tables: Tables, caches: Mapping[str, float], metric: str) -> list[Trade]:
    """Every control, which costs nothing, and every arm held against one, of those whose cache is known (by arm id)."""
    found: list[tuple[ArmSpec, Estimate]] = []
    for arm in suite.arms:
        cost = _summary(tables.summaries, arm.id, metric, "mean")
        is_start = arm.name in {other.start for other in suite.arms}
        if arm.id in caches and (cost is not None or (arm.control is None and not is_start)):
            found.append((arm, cost or Estimate(0.0, 0.0, 0.0)))
    points: dict[str, list[tuple[float, float]]] = {}
    for arm, cost in found:
        points.setdefault(_held_against(suite, arm), []).append((caches[arm.id], cost.value))
    return [
        Trade(
            arm.id,
            arm.control,
            caches[arm.id],
            cost,
            _is_dominated((caches[arm.id], cost.value), points[_held_against(suite, arm)]),
        )
        for arm, cost in found
    ]


def _held_against(suite: Suite, arm: ArmSpec) -> str:
    """A control's own id too: costs against different controls say nothing of one another."""
    control = suite.control_of(arm)
    return arm.id if control is None else control.id


def _is_dominated(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    return any(other[0] <= point[0] and other[1] <= point[1] and other != point for other in points)
