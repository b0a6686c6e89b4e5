"""What a page says first: of each arm a number, large, and what it means; and every cost with its interval, to draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from bench.analysis.suite_records import SuiteRecords
from bench.analysis.verdict_counts import VerdictCounts, count_verdicts
from bench.comparing import ArmResults, Comparison
from bench.reporting.explorer.page import Verdict
from bench.reporting.text.format import counted, signed, verdict
from bench.scoring import METRICS
from bench.stats import Interval

NARROW = "\N{NO-BREAK SPACE}"


def lead_verdicts(records: SuiteRecords) -> Iterator[Verdict]:
    """Yields what is said first of each converted arm."""
    for arm in records.suite.arms:
        if arm.control is not None:
            results = records.results.of(arm)
            number, of = _number(results)
            control = records.suite.control_of(arm)
            noise = " (noise floor)" if records.suite.is_noise_floor(arm) else ""
            yield {
                "arm": f"{arm.id}{noise}",
                "number": number,
                "of": f"{of}, against {'' if control is None else control.id}",
                "sentence": _sentence(count_verdicts(results)),
            }


def _number(results: ArmResults) -> tuple[str, str]:
    """The mean over the languages of the first metric that has one, without those that are not judged where there are
    others; else the only language's cost. And what it is.
    """
    for metric in METRICS:
        mean = results.summary(metric, "mean", floors=False) or results.summary(metric, "mean")
        if mean is not None:
            languages = counted(len(mean.languages), "language")
            usable = "" if mean.with_floors else " in which the control is usable"
            about = f"points of {metric.upper()} on average over {languages}{usable}"
            return _short(mean.estimate.value), about + _known(mean.estimate.interval)
    return next((cost_of_cell(row, f" in {row.language}") for row in results.clean.primary), ("n/a", "points"))


def cost_of_cell(row: Comparison, where: str = "") -> tuple[str, str]:
    """One cell's cost, and what it is."""
    return _short(row.delta.value), f"points of {row.metric.upper()}{where}{_known(row.interval)}"


def _known(interval: Interval) -> str:
    """Where it is determined, and there is any difference."""
    if not interval.is_determined or interval.low == interval.high == 0:
        return ""
    return f", 95{NARROW}%: {_short(interval.low)} to {_short(interval.high)}"


def _short(value: float) -> str:
    """+6.0; what rounds to nothing has no sign."""
    text = signed(value, 1)
    return text if math.isnan(value) or float(text[1:]) else text[1:]


def _sentence(counts: VerdictCounts) -> str:
    """Worse in 1 of 11 languages (cy), undecided in 10."""
    groups = {
        "worse": counts.worse,
        "better": counts.better,
        "undecided": counts.undecided,
        "identical in every transcript": counts.identical,
        "not judged, for the control itself is unusable,": counts.floor,
    }
    told: list[str] = []
    for word, languages in groups.items():
        if languages:
            which = f" ({' '.join(languages)})" if len(languages) <= 4 else ""
            of = "" if told else f" of {counted(counts.languages, 'language')}"
            told.append(f"{word} in {len(languages)}{of}{which}")
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def drawn_costs(costs: Sequence[Comparison], margin: float | None) -> list[dict[str, Any]]:
    """A mark of the picture each: an arm's cost in a language under a condition, by its own metric.

    An end of an interval that is not determined is null. `kind`: worse, better, open or floor; `bound`: the interval is
    that of the capped cost, which need not hold the cost.
    """
    return [_mark(row, margin) for row in costs]


def _mark(row: Comparison, margin: float | None) -> dict[str, Any]:
    kind = "floor" if row.floor else "open"
    if row.verdict.significant and not row.floor:
        kind = "worse" if row.delta.value > 0 else "better"
    return {
        "arm": str(row.arm),
        "language": row.language,
        "condition": row.condition,
        "metric": row.metric.upper(),
        "cost": _finite(row.delta.value),
        "low": _finite(row.interval.low),
        "high": _finite(row.interval.high),
        "kind": kind,
        "bound": not row.is_resampled,
        "verdict": verdict(row, margin),
        "clips": row.sample.clips,
    }


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
