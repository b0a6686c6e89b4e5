"""Results made up from flat columns, as the stored tables have them: what a test does not name is harmless."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import pandas as pd
import pyarrow as pa

from bench.comparing import Measurement, Results, Summary
from bench.comparing.schema import COMPARISONS, SCHEMAS
from bench.stats import Estimate

UNITS = 10_000
"""Of a made-up cell's references: a rate of 26.7 per cent is 2,670 substitutions."""
COUNTS = ("substitutions", "deletions", "insertions", "capped", "runaways", "loops", "empties")
TEXTS = {"unit": "speaker", "unit_note": "", "direction": "undecided", "condition": "clean", "metric": "wer"}
UNKNOWN = {
    column.name: float("nan")
    for column in COMPARISONS.columns
    if pa.types.is_floating(column.type) and not column.path.startswith(("sensitivity.", "likelihood."))
}
PRESENT = {"clips": 99, "speakers": 40, "unreadable": 0, "masked": 0, "truncated": 0, "word_growth": 1.0}
PRESENT |= {"unspaced": False, "effective_units": 40.0}


def make_measurements(rows: Iterable[Mapping[str, Any]]) -> tuple[Measurement, ...]:
    """One a row; `rate` and `control_rate` are per cent. A row with a `control` is a comparison."""
    return COMPARISONS.values(pa.Table.from_pylist([_whole(row) for row in rows], schema=COMPARISONS.arrow))


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with a value in every column that must have one."""
    whole: dict[str, Any] = {**TEXTS, **PRESENT, **dict.fromkeys(COUNTS, 0), "length": UNITS, "rate": 0.0}
    compared = row.get("control") is not None
    if compared:
        whole |= {f"control_{name}": 0 for name in COUNTS} | {"control_length": UNITS, "control_name": row["control"]}
        whole |= {"floor": False, "significant": False, "loop_driven": False, "disagree": [], "environments": ""}
        whole |= {"mapsswe_segments": 0}
    whole |= row
    if compared:
        ends = {f"simultaneous_{end}": whole[end] for end in ("low", "high") if end in whole}
        whole = {"on_the_line": False, "resamples": 1000} | ends | whole
    for prefix in ("", "control_") if compared else ("",):
        if whole.get(f"{prefix}rate") and not whole[f"{prefix}substitutions"]:
            errors = round(whole[f"{prefix}rate"] * UNITS / 100)
            whole[f"{prefix}substitutions"] = min(errors, UNITS)
            whole[f"{prefix}insertions"] = max(0, errors - UNITS)
    whole["primary"] = whole.get("primary", whole["metric"] == "wer")
    return {**(UNKNOWN if compared else {"rate_low": 0.0, "rate_high": 0.0, "rate_standard_error": 0.0}), **whole}


def make_results(
    rows: Iterable[Mapping[str, Any]],
    summaries: Iterable[Summary] = (),
    signature: str = "corpus:x|bench:0",
    **more: Any,
) -> Results:
    """Of measurements; `more`: other attributes of results."""
    return Results(signature, "0", make_measurements(rows), tuple(summaries), **more)


def make_values(table: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    """Of another table (`Results`' attribute), from every one of its columns."""
    schema = SCHEMAS[table]
    return schema.values(pa.Table.from_pylist(list(rows), schema=schema.arrow))


def make_summary(of: str, metric: Any, value: float, half: float = 1.0, **changes: Any) -> Summary:
    """A clean median over one language, unless changed."""
    whole: dict[str, Any] = {"of": of, "family": None, "condition": "clean", "metric": metric, "quantity": "cost"}
    whole |= {"statistic": "median", "is_slope": False, "with_floors": True, "languages": ("en",), "floors": ()}
    return Summary(**whole | {"estimate": Estimate(value, value - half, value + half)} | changes)


def flat_rows(results: Results) -> list[dict[str, Any]]:
    """Measurements as rows of the stored table."""
    rows: list[dict[str, Any]] = COMPARISONS.table(results.measurements, {}).to_pylist()
    return rows


def with_columns(results: Results, chosen: Callable[[dict[str, Any]], bool], **changes: Any) -> Results:
    """The same results, but for some columns of the chosen rows; methods that disagree may be one text."""
    if isinstance(methods := changes.get("disagree"), str):
        changes = changes | {"disagree": [method for method in methods.split(", ") if method]}
    ends = {f"simultaneous_{end}": changes[end] for end in ("low", "high") if end in changes}
    changes = ends | changes
    rows = [row | (changes if chosen(row) else {}) for row in flat_rows(results)]
    return replace(results, measurements=make_measurements(rows))


@dataclass(frozen=True)
class Frames:
    """The stored tables of results as pandas gives them; methods that disagree are one text."""

    comparisons: pd.DataFrame
    summaries: pd.DataFrame
    slices: pd.DataFrame
    seeds: pd.DataFrame
    training: pd.DataFrame
    interactions: pd.DataFrame
    thresholds: pd.DataFrame
    new_languages: pd.DataFrame

    @classmethod
    def of(cls, results: Results) -> Self:
        made = {schema.name: schema.table(getattr(results, of), {}).to_pandas() for of, schema in SCHEMAS.items()}
        made["comparisons"]["disagree"] = [
            None if methods is None else ", ".join(methods) for methods in made["comparisons"]["disagree"]
        ]
        return cls(**made)
