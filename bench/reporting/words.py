"""Verdicts as sentences."""

from bench.compare import Outcomes
from bench.reporting.format import counted
from bench.suite import ArmSpec


def verdict_sentence(arm: ArmSpec, found: Outcomes, margin: float | None) -> str:
    """In how many languages an arm is worse, better or undecided, and which; and where it is within the margin."""
    said = [
        (f"worse than {arm.control}", found.worse),
        ("better", found.better),
        ("undecided", found.undecided),
        ("a floor, where nothing is said", found.floor),
    ]
    told = [f"{word} in {len(languages)}{_named(languages)}" for word, languages in said if languages]
    sentence = f"Of {counted(found.languages, 'language')}, {arm.id} is {', '.join(told)}."
    if margin is None or not found.within:
        return sentence
    return f"{sentence} The cost is shown to be within {margin:g} in {len(found.within)}{_named(found.within)}."


def undecided_sentence(found: Outcomes) -> str:
    """What an undecided row does not prove; nothing where there is none."""
    if not found.undecided:
        return ""
    if found.detectable is None:
        return "Undecided is no proof of equality."
    low, high = (f"{limit:.1f}" for limit in found.detectable)
    between = f"{low} points" if low == high else f"{low} to {high} points, by language,"
    return f"Undecided is no proof of equality: a cost under {between} may well have been missed."


def _named(languages: tuple[str, ...]) -> str:
    return f" ({' '.join(languages)})" if languages else ""
