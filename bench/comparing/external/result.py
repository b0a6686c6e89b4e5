"""What files of decodes gave as JSON: the documented keys, points and per cent as numbers, null where there is none."""

import math
from dataclasses import asdict

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.external.ranking import Ranking
from bench.comparing.parts import ArmResult
from bench.stats import Estimate, Interval

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


def to_json(comparison: Comparison, signature: str) -> dict[str, JSON]:
    """Rates and deltas in percentage points, delta = converted - control; changed and the like in per cent."""
    return {
        **_sample(comparison),
        "control": _counts(comparison.control_result),
        "converted": _counts(comparison.result),
        **_tested(comparison),
        "loops": {"control": comparison.control_result.loops, "converted": comparison.result.loops},
        "empties": {"control": comparison.control_result.empties, "converted": comparison.result.empties},
        **{name: _number(value) for name, value in asdict(comparison.changes).items()},
        "signature": signature,
    }


def ranking_to_json(ranking: Ranking) -> dict[str, JSON]:
    """The systems in the order given, the control first; every pair with the keys that a comparison of two has, beside
    the names of its systems and the p that is corrected over all pairs, on which direction and ranks rest.
    """
    return {
        **_sample(ranking.systems[0]),
        "systems": [
            {
                "name": row.arm,
                "rank": ranking.ranks[row.arm],
                **_counts(row.result),
                "ci": _ends(row.rate),
                "runaways": row.result.runaways,
                "loops": row.result.loops,
                "empties": row.result.empties,
            }
            for row in ranking.systems
        ],
        "pairs": [
            {
                "control": row.control,
                "converted": row.arm,
                "p_adjusted": _number(row.verdict.p_adjusted),
                **_tested(row),
                **{name: _number(value) for name, value in asdict(row.changes).items()},
            }
            for row in ranking.comparisons
        ],
        "all_pairs": ranking.all_pairs,
        "signature": ranking.signature,
    }


def _sample(row: Measurement) -> dict[str, JSON]:
    """What all systems have in common."""
    return {
        "condition": row.condition,
        "language": row.language,
        "metric": row.metric,
        "utterances": row.sample.clips,
        "speakers": row.sample.speakers,
        "unit": row.sample.unit,
    }


def _tested(comparison: Comparison) -> dict[str, JSON]:
    """The cost, and what the tests say of it."""
    tests, verdict = comparison.tests, comparison.verdict
    return {
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
        "runaways": {
            "seen": comparison.result.runaways,
            "control": comparison.control_result.runaways,
            **{name: _number(value) for name, value in asdict(comparison.runaways).items()},
        },
        "loop_driven": verdict.loop_driven,
    }


def _counts(result: ArmResult) -> dict[str, JSON]:
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
