"""A comparison of two files as JSON: the documented keys, points and per cent as numbers, null where there is none."""

import math
from dataclasses import asdict

from bench.comparing.comparison import ArmResult, Comparison
from bench.stats import Estimate, Interval

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


def to_json(comparison: Comparison, signature: str) -> dict[str, JSON]:
    """Rates and deltas in percentage points, delta = converted - control; changed and the like in per cent."""
    sample, tests, verdict = comparison.sample, comparison.tests, comparison.verdict
    return {
        "condition": comparison.condition,
        "language": comparison.language,
        "metric": comparison.metric,
        "utterances": sample.clips,
        "speakers": sample.speakers,
        "unit": sample.unit,
        "control": _counts(comparison.control_result),
        "converted": _counts(comparison.result),
        "delta": _number(comparison.delta.value),
        "ci": _ends(comparison.delta),
        "ci_simultaneous": _ends(verdict.interval),
        "p": _number(tests.p),
        "p_error": _number(tests.p_error),
        "p_signflip": _number(tests.p_signflip),
        "p_clustered_t": _number(tests.p_clustered_t),
        "mapsswe": {name: _number(value) for name, value in asdict(tests.mapsswe).items()},
        "percentile_ci": _ends(comparison.percentile),
        "relative_delta": _number(comparison.relative.value),
        "relative_ci": _ends(comparison.relative),
        "mde": _number(comparison.mde),
        "direction": verdict.direction,
        "on_the_line": verdict.on_the_line,
        "margin": verdict.margin,
        "p_within": _number(verdict.p_within),
        "p_beyond": _number(verdict.p_beyond),
        "disagree": list(verdict.dissenting),
        "capped": {
            "delta": _number(comparison.capped.value),
            "ci": _ends(comparison.capped),
            "p": _number(comparison.capped_p),
            "bound": _ends(comparison.bounds.interval),
        },
        "runaways": {name: _number(value) for name, value in asdict(comparison.runaways).items()},
        "loop_driven": verdict.loop_driven,
        "loops": {"control": comparison.control_result.loops, "converted": comparison.result.loops},
        "empties": {"control": comparison.control_result.empties, "converted": comparison.result.empties},
        **{name: _number(value) for name, value in asdict(comparison.changes).items()},
        "signature": signature,
    }


def _counts(result: ArmResult) -> JSON:
    counts = result.counts
    return {
        "errors": counts.errors,
        "length": counts.length,
        "rate": _number(result.rate),
        "substitutions": counts.substitutions,
        "deletions": counts.deletions,
        "insertions": counts.insertions,
    }


def _ends(interval: Estimate | Interval) -> JSON:
    return [_number(interval.low), _number(interval.high)]


def _number(value: float) -> int | float | None:
    """Without NaN and infinity, which JSON does not have."""
    return value if math.isfinite(value) else None
