"""What a language that was not measured may cost, in one line a metric."""

from collections.abc import Iterator

from bench.comparing import ArmResults, NewLanguage
from bench.reporting.text.format import counted, signed
from bench.scoring import Metric
from bench.stats import FEWEST_GROUPS

UNITS: dict[Metric, str] = {"wer": "words", "cer": "characters"}


def new_language_lines(arm: ArmResults) -> Iterator[str]:
    """Where another language's cost would lie; or why that cannot be said.

    Capped as well where an arm runs away in one of the languages, as their own costs are. Nothing of an arm that was
    measured in one language alone, which nobody takes for a sample.
    """
    if len({row.language for row in arm.clean.primary}) == 1:
        return
    running = {row.language for row in arm.clean.primary if row.has_runaways}
    capped = {row.metric: row for row in arm.new_languages if row.capped}
    for row in arm.new_languages:
        if row.capped:
            continue
        if not row.is_determined:
            yield f"in a language not measured, counted by {UNITS[row.metric]}: not determined{_too_few(row)}"
            continue
        other = capped[row.metric]
        shows_capped = other.is_determined and running & set(row.languages)
        told = f"; with each clip's errors capped at its length, {_between(other)}" if shows_capped else ""
        yield f"in a language not measured, with 95 %: {_between(row, _languages(row))}{told}{_notes(row)}"


def _between(row: NewLanguage, *more: str) -> str:
    """Between −0.31 and +4.10 points (tau 0.83, I² 12 %)."""
    spread = ", ".join([f"tau {row.tau:.2f}", f"I² {row.i2:.0f} %", *more])
    return f"between {signed(row.prediction.low)} and {signed(row.prediction.high)} points ({spread})"


def _languages(row: NewLanguage) -> str:
    return f"{counted(len(row.languages), 'language')} counted by {UNITS[row.metric]}"


def _notes(row: NewLanguage) -> str:
    """What is not as it is of the other languages."""
    named = {
        "floor rows left out": row.floors,
        "too few changes for a standard error of their own": row.assumed,
        "left out, without a standard error": row.unknown,
    }
    return "".join(f"; {what} ({' '.join(languages)})" for what, languages in named.items() if languages)


def _too_few(row: NewLanguage) -> str:
    sure = len(row.languages) - len(row.assumed)
    return f", for {FEWEST_GROUPS} languages with a standard error are needed ({sure} here){_notes(row)}"
