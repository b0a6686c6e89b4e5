"""Marks that do not hang on the resamples drawn: more of them where a corrected p is near the level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from bench.comparing.cells import fixed_rng
from bench.comparing.contrasts import Contrast
from bench.comparing.protocol import MOST_RESAMPLES, Protocol
from bench.stats import ALPHA, Bootstrap, Correction, bootstrap_deltas, resample_weights

PART = 10_000
"""Resamples held in memory at a time."""
NEAR, ON_THE_LINE = 5.0, 4.0
"""Standard errors of a p, over draws, from the level: within the first more are drawn, within the second none decide.

The first is the larger, so that what lies on the line by many resamples is drawn anew whichever few came before.
"""


@dataclass(frozen=True, eq=False)
class Settled:
    """The deltas of a family, of as many resamples as their marks need, and which of them lie on the line even so."""

    deltas: Sequence[Bootstrap]
    on_the_line: Sequence[bool]


def settle(
    protocol: Protocol, languages: Sequence[str], contrasts: Sequence[Contrast], correction: Correction
) -> Settled:
    """Draws 200,000 resamples of every contrast whose corrected p lies near the level, the same whatever the seed.

    A suite that states how many there are has that number, and nothing is said to be on the line.
    """
    deltas = [contrast.errors for contrast in contrasts]
    if protocol.statistics.resamples is not None:
        return Settled(deltas, [False] * len(deltas))
    drawn: set[int] = set()
    while near := set(_near(deltas, correction, NEAR)) - drawn:
        for i in near:
            deltas[i] = _drawn_anew(languages[i], contrasts[i])
        drawn |= near
    lying = set(_near(deltas, correction, ON_THE_LINE))
    return Settled(deltas, [i in lying for i in range(len(deltas))])


def _near(deltas: Sequence[Bootstrap], correction: Correction, errors: float) -> list[int]:
    """Those whose corrected p lies within so many standard errors of the level."""
    p_values = [delta.p for delta in deltas]
    adjusted = correction.adjust(p_values)
    return [
        i
        for i, (delta, p, corrected) in enumerate(zip(deltas, p_values, adjusted, strict=True))
        if not isnan(p) and abs(corrected - ALPHA) < errors * delta.p_error * corrected / p
    ]


def _drawn_anew(language: str, contrast: Contrast) -> Bootstrap:
    sums = contrast.sums["errors"]
    rng = fixed_rng(language)
    parts = [
        bootstrap_deltas([sums], resample_weights(sums.clusters, PART, rng))[0] for _ in range(MOST_RESAMPLES // PART)
    ]
    return Bootstrap.joined(parts)
