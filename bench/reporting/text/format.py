"""Numbers, marks and verdicts as they are printed on a model card."""

import math
import unicodedata

from bench.comparing import Comparison
from bench.stats import Estimate

MINUS = "\N{MINUS SIGN}"
SMALLEST_P = 1e-4
OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
"""Characters that change the direction of what follows, or nothing that is seen."""


def signed(value: float, digits: int = 2) -> str:
    """+2.41 or −0.19, with a true minus sign; n/a where there is no number."""
    if math.isnan(value):
        return "n/a"
    rounded = f"{value:+.{digits}f}"
    return rounded.replace("-", MINUS)


def interval(low: float, high: float) -> str:
    """[+0.62, +3.10]; in words where all differences are zero, and where too few are not for an interval."""
    if low == high == 0:
        return "[no difference]"
    return f"[{signed(low)}, {signed(high)}]" if math.isfinite(low + high) else "[not determined]"


def rate(value: float, digits: int = 1) -> str:
    return "n/a" if math.isnan(value) else f"{value:.{digits}f}"


def probability(p: float) -> str:
    """0.0312; < 0.0001 below that, for no p is 0."""
    return "< 0.0001" if p < SMALLEST_P else rate(p, 4)


def estimated(estimate: Estimate, digits: int = 2) -> str:
    """+2.41 [+0.62, +3.10]."""
    return f"{signed(estimate.value, digits)} {interval(estimate.low, estimate.high)}"


def mark(comparison: Comparison) -> str:
    """✱ for a significant cost; (ns) for none, with the cost that would have been found; floor for an unusable control.

    † where another method would have set the other flag.
    """
    if comparison.floor:
        return "floor"
    detectable = f"{comparison.mde:.1f}" if math.isfinite(comparison.mde) else "n/a"
    text = "✱" if comparison.verdict.significant else f"(ns) MDE {detectable}"
    return f"{text} †" if comparison.verdict.dissenting else text


def verdict(comparison: Comparison, margin: float | None) -> str:
    """The direction and, where a margin was declared, how the cost lies against it."""
    against, delta = comparison.verdict.margin, comparison.delta
    if comparison.verdict.direction == "floor":
        return "floor"
    if comparison.verdict.direction == "worse":
        return "worse" + {"within": f", but within {margin}", "beyond": f", beyond {margin}"}.get(against or "", "")
    if comparison.verdict.direction == "better":
        return "better"
    if against == "within":
        return f"undecided, but within {margin}"
    if against == "beyond":
        return f"undecided; alone, beyond {margin}"
    if delta.low == delta.high == 0:
        return "no difference seen"
    if delta.high < 0:
        return "undecided; alone, better"
    return f"undecided: up to {signed(delta.high, 1)} not ruled out" if math.isfinite(delta.high) else "undecided"


def counted(number: int, noun: str) -> str:
    """1 language, 11 languages."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(change: float) -> str:
    """−14.4 %."""
    return f"{signed(change, 1)} %"


def mebibytes(value: float) -> str:
    return f"{value / 2**20:,.2f} MiB"


def visible(text: str) -> str:
    """Text on one line, with what a terminal would obey or hide written out: controls, direction overrides."""
    return "".join(f"\\u{ord(letter):04x}" if _hidden(letter) else letter for letter in text)


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} or letter in OVERRIDES
