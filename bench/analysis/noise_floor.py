"""What a control's own weights cost when they are decoded otherwise: the size of a cost that is arithmetic's alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.comparing import Comparison, Results
from bench.scoring import METRICS, Metric
from bench.stats import Estimate
from bench.suite import ArmId, ArmSpec, Suite


@dataclass(frozen=True)
class FloorRow:
    """One arm of the noise floor on clean speech, in points, languages with an unusable control left out.

    `means`: over the languages of a metric, where there are any; `farthest`: the language whose cost is
    the farthest from 0.
    """

    arm: ArmId
    means: Mapping[Metric, Estimate]
    farthest: Comparison | None


def noise_floor_of(suite: Suite, results: Results, arm: ArmSpec) -> tuple[FloorRow, ...]:
    """The arms that are the control of `arm` itself, decoded otherwise; none for one that is of them."""
    control = suite.control_of(arm)
    if control is None or suite.is_noise_floor(arm):
        return ()
    floors = (other for other in suite.arms if suite.is_noise_floor(other) and suite.control_of(other) == control)
    return tuple(_row(results, floor) for floor in floors)


def _row(results: Results, arm: ArmSpec) -> FloorRow:
    of_arm = results.of(arm)
    summaries = {metric: of_arm.summary(metric, "mean", floors=False) for metric in METRICS}
    means = {metric: summary.estimate for metric, summary in summaries.items() if summary is not None}
    usable = [row for row in of_arm.clean.primary if not row.floor]
    return FloorRow(arm.id, means, max(usable, key=lambda row: abs(row.delta.value), default=None))
