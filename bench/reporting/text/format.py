"""Numbers, marks and verdicts as they are printed on a model card."""

import math

from bench.analysis.power import is_least
from bench.comparing import Comparison
from bench.reporting.text.numbers import MINUS as MINUS
from bench.reporting.text.numbers import mebibytes as mebibytes
from bench.reporting.text.numbers import percent as percent
from bench.reporting.text.numbers import signed as signed
from bench.stats import Estimate

SMALLEST_P = 1e-4
BOUND = "°"
"""Stands behind what rests on the bound of the capped cost, too few units differing for a bootstrap."""


def plain(value: float, _place: object = None) -> str:
    """A tick of an axis: 20,000; −5; 0.25."""
    return f"{value:,.10g}".replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """[+0.62, +3.10]; in words where all differences are zero, and where too few are not for an interval."""
    if low == high == 0:
        return "[no difference]"
    return f"[{signed(low)}, {signed(high)}]" if math.isfinite(low + high) else "[not determined]"


def rate(value: float, digits: int = 1) -> str:
    return "n/a" if math.isnan(value) else f"{value:.{digits}f}".replace("-", MINUS)


def probability(p: float) -> str:
    """0.0312; < 0.0001 below that, for no p is 0."""
    return "< 0.0001" if p < SMALLEST_P else rate(p, 4)


def estimated(estimate: Estimate, digits: int = 2) -> str:
    """+2.41 [+0.62, +3.10]."""
    return f"{signed(estimate.value, digits)} {interval(estimate.low, estimate.high)}"


def cost_interval(comparison: Comparison) -> str:
    """The interval that belongs to the mark: [+0.62, +3.10]; [−0.20, +0.20]° where it is the bound's."""
    return interval(*comparison.interval) + ("" if comparison.is_resampled else BOUND)


def mark(comparison: Comparison) -> str:
    """✱ for a significant cost; (ns) for none, with the cost that would have been found; floor for an unusable control.

    † where another method would have set the other flag.
    """
    if comparison.floor:
        return "floor"
    text = "✱" if comparison.verdict.significant else f"{unmarked(comparison)} {_mde(comparison)}"
    return f"{text} †" if comparison.verdict.dissenting else text


def unmarked(comparison: Comparison) -> str:
    """Why there is no mark."""
    return "(on the line)" if comparison.verdict.on_the_line else "(ns)"


def _mde(comparison: Comparison) -> str:
    """MDE 3.1; MDE 0.2° where too few units differ, the largest cost that is not ruled out."""
    is_bound = not comparison.is_resampled and math.isfinite(comparison.detectable)
    return f"MDE {detectable(comparison.detectable, is_least(comparison))}{BOUND if is_bound else ''}"


def detectable(cost: float, least: bool) -> str:
    """3.1; at least 3.1 where the chance to find that cost is below 80 %; n/a where none is known."""
    return f"{'at least ' if least else ''}{cost:.1f}" if math.isfinite(cost) else "n/a"


def verdict(comparison: Comparison, margin: float | None) -> str:
    """The direction and, where a margin was declared, how the cost lies against it; identical where no text differs."""
    against, high = comparison.verdict.margin, comparison.interval.high
    if comparison.verdict.direction == "floor":
        return "floor"
    if comparison.is_identical:
        return "identical"
    if comparison.verdict.direction == "worse":
        beside = {"within": f", but not by more than {margin}", "beyond": f", beyond {margin}"}
        return "worse" + beside.get(against or "", "" if margin is None else f", perhaps beyond {margin}")
    if comparison.verdict.direction == "better":
        return "better" + {"beyond": f"; capped, beyond {margin}"}.get(against or "", "")
    if against == "within":
        return f"undecided; not worse by more than {margin}"
    if against == "beyond":
        return f"undecided; capped, beyond {margin}"
    if comparison.delta.high < 0:
        return "undecided; alone, better"
    return f"undecided: up to {signed(high, 1)} not ruled out" if math.isfinite(high) else "undecided"


def counted(number: int, noun: str) -> str:
    """1 language, 11 languages."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
