"""A number with its interval: what a statistic is reported as."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple


class Interval(NamedTuple):
    """Ends of a confidence interval, in the unit of its estimate; infinite, or NaN, where it is not determined."""

    low: float
    high: float

    @property
    def is_determined(self) -> bool:
        return math.isfinite(self.low) and math.isfinite(self.high)


@dataclass(frozen=True)
class Estimate:
    """A statistic and its 95 % interval, in one unit, which whoever makes it names.

    `standard_error`: NaN where the interval is not made from one, as of a median or of a ratio.
    """

    value: float
    low: float
    high: float
    standard_error: float = math.nan

    @property
    def interval(self) -> Interval:
        return Interval(self.low, self.high)

    @property
    def is_determined(self) -> bool:
        """Whether the interval has two ends that are numbers."""
        return self.interval.is_determined

    def times(self, factor: float) -> Estimate:
        """The statistic in another unit: 100 makes percentage points of a fraction."""
        return Estimate(factor * self.value, factor * self.low, factor * self.high, factor * self.standard_error)
