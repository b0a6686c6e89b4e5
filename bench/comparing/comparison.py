"""One arm in one cell by one metric: what it made of the clips, and what holding it against its control says.

Rates are in per cent, deltas (converted minus control) in percentage points; intervals are 95 % unless named otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from bench.comparing.parts import ArmResult, Bounds, Changes, Likelihood, Runaways, Sample, Sensitivity, Tests
from bench.scoring import Metric
from bench.stats import Direction, Estimate, Interval, Margin
from bench.suite import ArmId


@dataclass(frozen=True)
class Verdict:
    """What may be said after correction over the family.

    `significant`: the mark. `on_the_line`: more resamples might set the other one, so that there is none. `interval`:
    of the delta, for the whole family at once: 0 lies outside it exactly where the mark is set. `margin`: where the
    capped cost is shown to lie, by `p_within` and `p_beyond`, corrected likewise; None where no margin is declared, and
    for a floor. `dissenting`: methods whose own p, corrected likewise, sets the other flag; none of what is on the
    line. `loop_driven`: a clip of either arm has more errors than its reference has units, as loops have, and the
    capped delta sets the other flag.
    """

    p_adjusted: float
    significant: bool
    on_the_line: bool
    interval: Interval
    direction: Direction | Literal["floor"]
    p_within: float
    p_beyond: float
    margin: Margin | None
    dissenting: tuple[str, ...]
    loop_driven: bool


UNKNOWN = Interval(math.nan, math.nan)
NOT_JUDGED = Verdict(math.nan, False, False, UNKNOWN, "undecided", math.nan, math.nan, None, (), False)
"""Of a comparison whose family is not corrected yet; none leaves the package."""


@dataclass(frozen=True)
class Measurement:
    """One arm in one cell by one metric. `primary`: it is the metric that makes the language's cost.

    `rate`: with the interval that resampling gives it alone.
    """

    arm: ArmId
    family: str | None
    language: str
    condition: str
    metric: Metric
    primary: bool
    sample: Sample
    result: ArmResult
    rate: Estimate


@dataclass(frozen=True)
class Comparison(Measurement):
    """A measurement held against its control's, clip by clip.

    `floor`: the control is unusable there. `bounds`: of the capped cost, for the margin and where few clips changed.
    `without_one`: the least and the largest delta that leaving out one unit gives. `relative`: delta in per cent of the
    control's errors. `capped`: with each clip's errors at most its length. `mde`: the delta that would have borne the
    mark with 80 % chance, at Holm's first step; `mde_alone`: in a test of this cell alone. `environments`: in what the
    environments of the two arms differ. `sensitivity`, `likelihood`: None where they were not asked for.
    """

    control: ArmId
    control_result: ArmResult
    floor: bool
    delta: Estimate
    bounds: Bounds
    runaways: Runaways
    without_one: Interval
    capped: Estimate
    capped_p: float
    substitutions: Estimate
    deletions: Estimate
    insertions: Estimate
    percentile: Interval
    relative: Estimate
    tests: Tests
    mde: float
    mde_alone: float
    changes: Changes
    sensitivity: Sensitivity | None
    likelihood: Likelihood | None
    environments: str = ""
    verdict: Verdict = NOT_JUDGED

    @property
    def is_resampled(self) -> bool:
        """Whether enough units differ for the bootstrap to say something, at the level of the whole family too."""
        is_judged = self.delta.is_determined and self.verdict.interval.is_determined
        return is_judged and self.delta.low < self.delta.high

    @property
    def interval(self) -> Interval:
        """The interval that belongs to the mark: of the whole family at once; the bound's where too few units differ
        for the bootstrap, no narrower than to hold 0.
        """
        if self.is_resampled:
            return self.verdict.interval
        low, high = self.bounds.interval
        return Interval(min(low, 0.0), max(high, 0.0))

    @property
    def detectable(self) -> float:
        """The delta that would have borne the mark with 80 % chance; where too few units differ to say, the largest
        that is not ruled out.
        """
        return self.mde if self.is_resampled and math.isfinite(self.mde) else self.interval.high

    @property
    def is_identical(self) -> bool:
        """Whether both arms said the same of every clip, but for what the normaliser removes."""
        return self.changes.changed == 0

    @property
    def has_runaways(self) -> bool:
        """Whether a clip of either arm has more errors than its reference has units, so that capping changes a rate."""
        return self.result.runaways + self.control_result.runaways > 0
