"""Verdicts as sentences."""

from collections.abc import Mapping
from math import isfinite

from bench.analysis.verdict_counts import VerdictCounts
from bench.reporting.text.format import counted
from bench.suite import ArmSpec


def verdict_sentence(arm: ArmSpec, counts: VerdictCounts, margin: float | None) -> str:
    """Says in how many languages an arm is worse, better or undecided, and which; and where it is within the margin."""
    named = {
        "worse in": counts.worse,
        "better in": counts.better,
        "undecided in": counts.undecided,
        "identical in every transcript in": counts.identical,
        "not judged, for the control itself is unusable (floor), in": counts.floor,
    }
    told = [f"{word} {_counted(languages)}" for word, languages in named.items() if languages or word == "worse in"]
    within = f" Its cost is shown to be below the margin of {points(margin)} in" if margin and counts.within else ""
    shown = f"{within} {_counted(counts.within)}." if within else ""
    compared = f"{arm.id} against {arm.control}, {counted(counts.languages, 'language')}"
    return f"{compared}: {', '.join(told)}.{shown}"


def undecided_sentence(counts: VerdictCounts) -> str:
    """What an undecided row does not prove; nothing where there is none."""
    if not counts.undecided:
        return ""
    if not counts.detectable:
        return "Undecided is no proof of equality."
    limits = " and ".join(f"{_between(*bounds)} of {metric.upper()}" for metric, bounds in counts.detectable.items())
    return (
        "Undecided is no proof of equality: the cost that would have been marked with 80 % chance is, by language, "
        f"{'at least ' if counts.least else ''}{limits}{_unknown(counts.unknown)}."
    )


def _unknown(highest: Mapping[str, float]) -> str:
    """Where too few speakers differ for that, and what is not ruled out there."""
    if not highest:
        return ""
    known = [cost for cost in highest.values() if isfinite(cost)]
    most = f"; up to {_between(min(known), max(known))} are not ruled out there" if known else ""
    return f" (not known for {' '.join(highest)}, where too few speakers differ{most})"


def _between(low: float, high: float) -> str:
    """3.1 to 8.9 points."""
    return f"{low:.1f} points" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f} points"


def points(number: float) -> str:
    """1 point, 0.5 points."""
    return f"{number:g} point" if number == 1 else f"{number:g} points"


def _counted(languages: tuple[str, ...]) -> str:
    return f"{len(languages)} ({' '.join(languages)})" if languages else "none"
