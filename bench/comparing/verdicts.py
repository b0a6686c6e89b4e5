"""Corrections over a family of comparisons, and the verdicts that rest on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.comparing.comparison import Comparison, Verdict
from bench.comparing.contrasts import Contrast
from bench.comparing.costs import with_delta
from bench.comparing.protocol import Protocol
from bench.comparing.settling import settle
from bench.stats import Bootstrap, Correction, Interval, Margin, against_margin, direction, is_significant


def judge_family(
    protocol: Protocol,
    family: Sequence[Comparison],
    contrasts: Sequence[Contrast],
    correction: Correction,
) -> list[Comparison]:
    """The comparisons of one arm and metric with their verdicts; `contrasts`: what each was made of.

    Every p is corrected over the family: after Holm where it was declared beforehand, after Benjamini and Hochberg
    where it is an exploratory grid. Resamples are raised where a mark hangs on them. Floors count in the family and
    bear no mark. The margin is held against the capped cost, corrected likewise.
    """
    settled = settle(protocol, [comparison.language for comparison in family], contrasts, correction)
    family = [
        comparison if delta is contrast.errors else with_delta(comparison, delta, protocol.languages)
        for comparison, contrast, delta in zip(family, contrasts, settled.deltas, strict=True)
    ]
    adjust = correction.adjust
    adjusted = adjust([comparison.tests.p for comparison in family])
    marked = [
        is_significant(p) and not on_the_line for p, on_the_line in zip(adjusted, settled.on_the_line, strict=True)
    ]
    levels = correction.levels([comparison.tests.p for comparison in family])
    capped = [is_significant(p) for p in adjust([comparison.capped_p for comparison in family])]
    within = adjust([comparison.bounds.p_within for comparison in family])
    beyond = adjust([comparison.bounds.p_beyond for comparison in family])
    dissenting = _dissenting(family, marked, correction)
    return [
        replace(
            comparison,
            verdict=Verdict(
                p_adjusted=adjusted[i],
                significant=marked[i] and not comparison.floor,
                on_the_line=settled.on_the_line[i],
                interval=_matching(settled.deltas[i], levels[i], marked[i]),
                direction="floor" if comparison.floor else direction(marked[i], comparison.delta.value),
                p_within=within[i],
                p_beyond=beyond[i],
                margin=None if comparison.floor else _against(protocol, within[i], beyond[i]),
                dissenting=() if settled.on_the_line[i] else dissenting[i],
                loop_driven=comparison.has_runaways and capped[i] != marked[i],
            ),
        )
        for i, comparison in enumerate(family)
    ]


def _against(protocol: Protocol, p_within: float, p_beyond: float) -> Margin | None:
    return None if protocol.statistics.margin is None else against_margin(p_within, p_beyond)


def _matching(delta: Bootstrap, level: float, marked: bool) -> Interval:
    """The interval at the level that the correction leaves it, in points; with 0 in it where there is no mark."""
    low, high = (100 * end for end in delta.interval(level))
    return Interval(low, high) if marked or math.isnan(low) else Interval(min(low, 0.0), max(high, 0.0))


def _dissenting(family: Sequence[Comparison], marked: Sequence[bool], correction: Correction) -> list[tuple[str, ...]]:
    """Of each comparison, the methods that have a p and, corrected likewise, would set another flag."""
    beside = [comparison.tests.beside for comparison in family]
    flags: Mapping[str, list[bool]] = {
        method: [is_significant(p) for p in correction.adjust([of_cell[method] for of_cell in beside])]
        for method in beside[0]
    }
    return [
        tuple(method for method, p in of_cell.items() if not math.isnan(p) and flags[method][i] != marked[i])
        for i, of_cell in enumerate(beside)
    ]
