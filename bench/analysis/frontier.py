"""What each cost buys, of the decode cache or of time: the points of the frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.comparing import Results
from bench.scoring import Metric
from bench.stats import Estimate
from bench.suite import ArmId, ArmSpec, Suite

NO_COST = Estimate(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Trade:
    """What one arm takes, of a cache or of time, and its mean cost without floor rows.

    `dominated`: another that is held against the same control has no more of either.
    """

    arm: ArmId
    control: str | None
    spent: float
    cost: Estimate
    dominated: bool


def trades_of(suite: Suite, results: Results, spent: Mapping[str, float], metric: Metric) -> list[Trade]:
    """Every control, which costs nothing, and every arm held against one, of those that `spent` knows (by arm id)."""
    arms: list[tuple[ArmSpec, Estimate]] = []
    starts = {arm.start for arm in suite.arms}
    for arm in suite.arms:
        if arm.id not in spent:
            continue
        if arm.control is None and arm.name not in starts:
            arms.append((arm, NO_COST))
        elif arm.control is not None and (mean := results.of(arm).summary(metric, "mean", floors=False)) is not None:
            arms.append((arm, mean.estimate))
    points: dict[str, list[tuple[float, float]]] = {}
    for arm, cost in arms:
        points.setdefault(_held_against(suite, arm), []).append((spent[arm.id], cost.value))
    return [
        Trade(
            arm.id,
            arm.control,
            spent[arm.id],
            cost,
            _is_dominated((spent[arm.id], cost.value), points[_held_against(suite, arm)]),
        )
        for arm, cost in arms
    ]


def _held_against(suite: Suite, arm: ArmSpec) -> str:
    """A control's own id too: costs against different controls say nothing of one another."""
    control = suite.control_of(arm)
    return arm.id if control is None else control.id


def _is_dominated(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    return any(other[0] <= point[0] and other[1] <= point[1] and other != point for other in points)
