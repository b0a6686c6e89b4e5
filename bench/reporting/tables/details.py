"""The second table of an arm: what its costs are made of."""

import math
from collections.abc import Callable
from typing import Any

from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import interval, signed
from bench.reporting.text.markdown import markdown_table

Row = dict[str, Any]


def details_table(rows: list[Row], sensitivity: str | None) -> str:
    """One line a primary row: relative cost, edits, transcripts, the top utterances; the second normaliser; NLL."""
    columns: dict[str, Callable[[Row], str]] = {
        "Lang": lambda row: cell_name(row) + metric_note(row),
        "relative, 95 %": _relative,
        "sub / del / ins": _edits,
        "empties": lambda row: f"{row['empties']} ({row['control_empties']:.0f})",
        "changed": lambda row: f"{row['changed']:.0f} %",
        "better / worse": lambda row: f"{row['improved']:.0f} / {row['worsened']:.0f} %",
        "top 1 % carry": lambda row: "n/a" if math.isnan(row["top_share"]) else f"{row['top_share']:.0f} %",
    }
    if sensitivity:
        columns[f"under {sensitivity}"] = _second
    if any(not math.isnan(row.get("nll_z", math.nan)) for row in rows):
        columns["NLL z"] = lambda row: signed(row.get("nll_z", math.nan), 1)
    return markdown_table(list(columns), [[column(row) for column in columns.values()] for row in rows])


def _relative(row: Row) -> str:
    if not math.isfinite(row["relative_low"] + row["relative_high"]):
        return "n/a" if math.isnan(row["relative_delta"]) else f"{signed(row['relative_delta'], 0)} %"
    bounds = f"[{signed(row['relative_low'], 0)}, {signed(row['relative_high'], 0)}]"
    return f"{signed(row['relative_delta'], 0)} % {bounds}"


def _edits(row: Row) -> str:
    return " / ".join(signed(row[f"{name}_delta"], 1) for name in ("substitutions", "deletions", "insertions"))


def _second(row: Row) -> str:
    return f"{signed(row['sensitivity_delta'])} {interval(row['sensitivity_low'], row['sensitivity_high'])}"
