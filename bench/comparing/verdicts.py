"""Corrections over a family of comparisons, and the verdicts that rest on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bench.comparing.comparison import Comparison, Verdict
from bench.stats import Margin, against_margin, direction, holm, is_significant

Correction = Callable[[Sequence[float]], list[float]]
FEWEST_IDENTICAL = 30
"""Identical transcripts that are taken to show a margin."""


def judge_family(family: Sequence[Comparison], margin: float | None, adjust: Correction = holm) -> list[Comparison]:
    """The comparisons of one arm and metric with their verdicts.

    Every p is corrected over the family: after Holm where it was declared beforehand, after Benjamini and Hochberg
    where it is an exploratory grid. Floors count in the family and bear no mark. The margin is held against the 90 %
    interval, unadjusted.
    """
    adjusted = adjust([comparison.tests.p for comparison in family])
    marked = [is_significant(p) for p in adjusted]
    capped = [is_significant(p) for p in adjust([comparison.capped_p for comparison in family])]
    dissenting = _dissenting(family, marked, adjust)
    return [
        replace(
            comparison,
            verdict=Verdict(
                p_adjusted=adjusted[i],
                significant=marked[i] and not comparison.floor,
                direction="floor" if comparison.floor else direction(marked[i], comparison.delta.value),
                margin=None if margin is None or comparison.floor else _against(comparison, margin),
                dissenting=dissenting[i],
                loop_driven=comparison.has_loops and capped[i] != marked[i],
            ),
        )
        for i, comparison in enumerate(family)
    ]


def _against(comparison: Comparison, margin: float) -> Margin:
    """Where no error count differs, an interval of no width shows nothing, unless no transcript differs of many."""
    few = comparison.changes.changed > 0 or comparison.sample.clips < FEWEST_IDENTICAL
    if comparison.delta.standard_error == 0 and few:
        return "undecided"
    return against_margin(*comparison.interval90, margin)


def _dissenting(family: Sequence[Comparison], marked: Sequence[bool], adjust: Correction) -> list[tuple[str, ...]]:
    """Of each comparison, the methods that have a p and, corrected likewise, would set another flag."""
    beside = [comparison.tests.beside for comparison in family]
    flags: Mapping[str, list[bool]] = {
        method: [is_significant(p) for p in adjust([of_cell[method] for of_cell in beside])] for method in beside[0]
    }
    return [
        tuple(method for method, p in of_cell.items() if not math.isnan(p) and flags[method][i] != marked[i])
        for i, of_cell in enumerate(beside)
    ]
