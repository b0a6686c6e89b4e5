"""Verdicts as sentences."""

from bench.compare import Outcomes
from bench.reporting.format import counted
from bench.suite import ArmSpec


def verdict_sentence(arm: ArmSpec, found: Outcomes, margin: float | None) -> str:
    """In how many languages an arm is worse, better or undecided, and which; and where it is within the margin."""
    named = {
        "worse in": found.worse,
        "better in": found.better,
        "undecided in": found.undecided,
        "not judged, for the control itself is unusable (floor), in": found.floor,
    }
    told = [f"{word} {_counted(languages)}" for word, languages in named.items() if languages or word == "worse in"]
    within = f" Its cost is shown to be below the margin of {points(margin)} in" if margin and found.within else ""
    shown = f"{within} {_counted(found.within)}." if within else ""
    compared = f"{arm.id} against {arm.control}, {counted(found.languages, 'language')}"
    return f"{compared}: {', '.join(told)}.{shown}"


def undecided_sentence(found: Outcomes) -> str:
    """What an undecided row does not prove; nothing where there is none."""
    if not found.undecided:
        return ""
    if found.detectable is None:
        return "Undecided is no proof of equality."
    low, high = (f"{limit:.1f}" for limit in found.detectable)
    between = f"{low} points" if low == high else f"{low} to {high} points, by language,"
    return f"Undecided is no proof of equality: only a cost of {between} would bear the mark with 80 % chance."


def points(number: float) -> str:
    """1 point, 0.5 points."""
    return f"{number:g} point" if number == 1 else f"{number:g} points"


def _counted(languages: tuple[str, ...]) -> str:
    return f"{len(languages)} ({' '.join(languages)})" if languages else "none"
