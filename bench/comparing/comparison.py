"""One arm in one cell by one metric: what it made of the clips, and what holding it against its control says.

Rates are in per cent, deltas (converted minus control) in percentage points; intervals are 95 % unless named otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bench.scoring import ErrorCounts, Metric
from bench.stats import Direction, Estimate, Interval, Mapsswe, Margin
from bench.suite import ArmId


@dataclass(frozen=True)
class Sample:
    """The clips that every arm of a cell is scored on, and what is resampled of them.

    `speakers`: how many are named. `unit_note`: why something else than speakers is resampled, where nobody asked for
    it. `unreadable`: clips left out of every arm. `word_growth`: words that the normaliser makes of one that was
    written. `masked`: clips whose own background is too near their speech for a level; `truncated`: cut at the window.
    `unspaced`: most references have no spaces between words. `effective`: Kish's number of units, of which equally many
    clips would weigh the same. `sentences`: how many are read, where several units read one and both are clustered;
    else None.
    """

    clips: int
    speakers: int
    unit: str
    unit_note: str
    unreadable: int
    word_growth: float
    masked: int
    truncated: int
    unspaced: bool = False
    effective: float = math.nan
    sentences: int | None = None


@dataclass(frozen=True)
class ArmResult:
    """One arm's errors over the clips of a cell, and the hypotheses that went wrong as a whole.

    `capped`: errors, each clip's at most its length. `runaways`: clips with more errors than their reference has units,
    whose errors the cap cuts. Results are pooled by addition and by nothing else.
    """

    counts: ErrorCounts
    capped: int
    runaways: int
    loops: int
    empties: int

    @classmethod
    def pooled(cls, results: Iterable[ArmResult]) -> ArmResult:
        """The sum of any number of results."""
        return sum(results, cls(ErrorCounts.none(), 0, 0, 0, 0))

    def __add__(self, other: ArmResult) -> ArmResult:
        return ArmResult(
            self.counts + other.counts,
            self.capped + other.capped,
            self.runaways + other.runaways,
            self.loops + other.loops,
            self.empties + other.empties,
        )

    @property
    def rate(self) -> float:
        """All errors over all reference units, per cent; NaN without a reference."""
        return math.nan if self.counts.rate is None else self.counts.rate

    @property
    def capped_rate(self) -> float:
        return 100 * self.capped / self.counts.length if self.counts.length else math.nan


@dataclass(frozen=True)
class Tests:
    """Two-sided p-values of no difference: `p` is behind the mark, the others stand beside it.

    `p` is of so many `resamples`, and `p_error` its standard error over draws of as many.
    """

    p: float
    p_error: float
    resamples: int
    p_percentile: float
    p_signflip: float
    p_clustered_t: float
    mapsswe: Mapsswe

    @property
    def beside(self) -> Mapping[str, float]:
        """The p-value of each method that does not decide, by its name."""
        return {
            "percentile": self.p_percentile,
            "sign-flip": self.p_signflip,
            "clustered t": self.p_clustered_t,
            "MAPSSWE": self.mapsswe.p,
        }


@dataclass(frozen=True)
class Changes:
    """How the cost came about, in per cent: of transcripts changed, with fewer errors and with more, and the share of
    the delta that the most affected hundredth of the clips carries (above 100 where the others point the other way).
    """

    changed: float
    improved: float
    worsened: float
    top_share: float


@dataclass(frozen=True)
class Sensitivity:
    """The comparison under the suite's second normaliser."""

    rate: float
    control_rate: float
    word_growth: float
    delta: Estimate
    p: float


@dataclass(frozen=True)
class Likelihood:
    """The references' negative log-likelihood, nats a token: its difference, and z over the resampled units."""

    delta: float
    z: float


@dataclass(frozen=True)
class Bounds:
    """Of the cost with each clip's errors at most its length, in points: exact where nothing changed.

    `interval`: 95 %, either end a bound of its own. `p_within`, `p_beyond`: one-sided p of a cost of the declared
    margin or more, and of that or less; NaN where none is declared. `units`: how many independent clips the sample is
    worth.
    """

    interval: Interval
    p_within: float
    p_beyond: float
    units: float


@dataclass(frozen=True)
class Runaways:
    """Clips of which the arm makes more errors than the reference has units: what the sample cannot exclude.

    `share`: the largest share of such clips, in per cent, that is not ruled out at 95 %. `points`: what so many would
    add to the cost, each as many units as the decoder may write tokens; NaN where that limit is not known.
    """

    share: float
    points: float


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
    def has_runaways(self) -> bool:
        """Whether a clip of either arm has more errors than its reference has units, so that capping changes a rate."""
        return self.result.runaways + self.control_result.runaways > 0
