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
    `unspaced`: most references have no spaces between words.
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


@dataclass(frozen=True)
class ArmResult:
    """One arm's errors over the clips of a cell, and the hypotheses that went wrong as a whole.

    `capped`: errors, each clip's at most its length. Results are pooled by addition and by nothing else.
    """

    counts: ErrorCounts
    capped: int
    loops: int
    empties: int

    @classmethod
    def pooled(cls, results: Iterable[ArmResult]) -> ArmResult:
        """The sum of any number of results."""
        return sum(results, cls(ErrorCounts.none(), 0, 0, 0))

    def __add__(self, other: ArmResult) -> ArmResult:
        return ArmResult(
            self.counts + other.counts,
            self.capped + other.capped,
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
    """Two-sided p-values of no difference: `p` is behind the mark, the others stand beside it."""

    p: float
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
class Verdict:
    """What may be said after correction over the family.

    `significant`: the mark. `margin`: where the 90 % interval, uncorrected, lies; None where no margin is declared, and
    for a floor. `dissenting`: methods whose own p, corrected likewise, sets the other flag. `loop_driven`: an arm
    loops, and the capped delta sets the other flag.
    """

    p_adjusted: float
    significant: bool
    direction: Direction | Literal["floor"]
    margin: Margin | None
    dissenting: tuple[str, ...]
    loop_driven: bool


NOT_JUDGED = Verdict(math.nan, False, "undecided", None, (), False)
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

    `floor`: the control is unusable there. `interval90`: of the delta, for the margin. `relative`: delta in per cent of
    the control's errors. `capped`: with each clip's errors at most its length. `mde`: the delta that would have borne
    the mark with 80 % chance, at Holm's first step; `mde_alone`: in a test of this cell alone. `environments`: in what
    the environments of the two arms differ. `sensitivity`, `likelihood`: None where they were not asked for.
    """

    control: ArmId
    control_result: ArmResult
    floor: bool
    delta: Estimate
    interval90: Interval
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
    def has_loops(self) -> bool:
        """Whether either arm loops."""
        return self.result.loops + self.control_result.loops > 0
