"""Marks that do not hang on the resamples drawn: more of them where a corrected p is near the level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, sqrt

from bench.comparing.cells import language_rng
from bench.comparing.costs import Contrast
from bench.comparing.protocol import MOST_RESAMPLES, Protocol
from bench.stats import ALPHA, Bootstrap, Correction, bootstrap_deltas, resample_weights

MORE = 4
"""Times as many resamples at each step."""
PART = 10_000
"""Resamples held in memory at a time."""
SURE = 4.0
"""Standard errors of a p, over draws, that it must lie from the level."""


@dataclass(frozen=True, eq=False)
class Settled:
    """The deltas of a family, of as many resamples as their marks need, and which of them lie on the line even so."""

    deltas: Sequence[Bootstrap]
    on_the_line: Sequence[bool]


def settle(
    protocol: Protocol, languages: Sequence[str], contrasts: Sequence[Contrast], correction: Correction
) -> Settled:
    """Raises the resamples of every contrast whose corrected p lies within four standard errors of the level.

    Until none does or there are 200,000. A suite that states their number has that number, and nothing is said to be on
    the line.
    """
    deltas = [contrast.errors for contrast in contrasts]
    if protocol.statistics.resamples is not None:
        return Settled(deltas, [False] * len(deltas))
    while True:
        near = _near_the_level(deltas, correction)
        raised = [i for i, is_near in enumerate(near) if is_near and len(deltas[i].t) < MOST_RESAMPLES]
        if not raised:
            return Settled(deltas, near)
        for i in raised:
            deltas[i] = _raised(protocol, languages[i], contrasts[i], deltas[i])


def _near_the_level(deltas: Sequence[Bootstrap], correction: Correction) -> list[bool]:
    p_values = [delta.p for delta in deltas]
    adjusted = correction.adjust(p_values)
    return [
        not isnan(p) and abs(corrected - ALPHA) < SURE * _error(p, len(delta.t)) * corrected / p
        for delta, p, corrected in zip(deltas, p_values, adjusted, strict=True)
    ]


def _error(p: float, resamples: int) -> float:
    return sqrt(p * (1 - p) / resamples)


def _raised(protocol: Protocol, language: str, contrast: Contrast, delta: Bootstrap) -> Bootstrap:
    """With four times as many resamples, those there are among them."""
    sums, count = contrast.sums["errors"], len(delta.t)
    rng = language_rng(protocol, language, 3, count)
    parts = [delta]
    for start in range(count, min(MORE * count, MOST_RESAMPLES), PART):
        rows = min(PART, MOST_RESAMPLES - start)
        parts += bootstrap_deltas([sums], resample_weights(sums.clusters, rows, rng))
    return Bootstrap.joined(parts)
