"""What a comparison is made of: the sample, an arm's errors, tests, changes, bounds.

Rates and shares are in per cent, deltas (converted minus control) in percentage points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.scoring import ErrorCounts
from bench.stats import Estimate, Interval, Mapsswe


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
