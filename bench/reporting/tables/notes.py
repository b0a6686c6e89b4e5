"""The lines under a results table: medians, loops, methods that disagree, slices that stand out."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from bench.frames import records
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import counted, interval, signed
from bench.reporting.text.markdown import inline

SHOWN_SLICES = 5
LEVEL = 0.05


def summary_lines(summaries: pd.DataFrame) -> Iterator[str]:
    """Median and mean cost of one arm, or their trend over a family's sizes: each with its rows named.

    With every row, and without the floor rows where there are any.
    """
    for _, rows in summaries.groupby(["condition", "metric"], sort=False):
        first = records(rows)[0]
        names = first["rows"].split()
        where = "" if first["condition"] == "clean" else f", {first['condition']}"
        count = counted(len(names), f"{first['metric'].upper()} row")
        head = f"- cost over the {count} ({first['rows']}){where}"
        everything = _values(rows[rows["floors"]])
        if not first["floor_rows"]:
            yield f"{head}: {everything}; none of them is a floor row"
        else:
            without = _values(rows[~rows["floors"]]) or "none is left"
            yield f"{head}: {everything}; without floor rows ({first['floor_rows']}): {without}"


def _values(rows: pd.DataFrame) -> str:
    return ", ".join(f"{r['statistic']} {signed(r['value'])} {interval(r['low'], r['high'])}" for r in records(rows))


def failure_lines(rows: list[dict[str, Any]], control: str) -> Iterator[str]:
    """Where either arm loops, how often, and the cost with each clip's errors capped; nothing elsewhere."""
    for row in rows:
        if row["floor"] or not (row["loops"] or row["control_loops"]):
            continue
        capped = f"{signed(row['capped_delta'])} {interval(row['capped_low'], row['capped_high'])}"
        counts = f"loops: {row['loops']} ({row['control_loops']:.0f} in {control})"
        driven = "; loop-driven: capped, the mark would be the other one" if row["loop_driven"] else ""
        yield f"- {cell_name(row)}, {counts}; with each clip's errors capped at its length, cost {capped}{driven}"


def disagreement_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """† rows, with the methods whose own p, corrected likewise, sets another flag."""
    for row in rows:
        if row["disagree"] and not row["floor"]:
            flag = "not significant" if row["p_adjusted"] <= LEVEL else "significant"
            yield f"- † {cell_name(row)}: {flag} by {row['disagree']}"


def slice_lines(slices: pd.DataFrame) -> Iterator[str]:
    """The parts of cells whose cost stands out after Benjamini and Hochberg, the surest first."""
    if slices.empty:
        return
    found = slices[slices["p_bh"] <= LEVEL].sort_values(["p_bh", "p", "language", "slice", "value"])
    yield (
        f"- exploratory: {len(found)} of {len(slices)} slices (reference length in quartiles; gender, age and accent "
        "where known) have a cost after Benjamini and Hochberg" + (": the surest" if len(found) > SHOWN_SLICES else "")
    )
    for row in records(found.head(SHOWN_SLICES)):
        cost = f"{signed(row['delta'])}{metric_note(row)} {interval(row['low'], row['high'])}"
        yield f"  - {cell_name(row)}, {row['slice']} {inline(row['value'])}: {cost} over {row['clips']} clips"
