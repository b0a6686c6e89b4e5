"""Every cell of an arm under every condition: what a robustness report is consulted for."""

import math

from bench.compare import Tables, rows_of
from bench.frames import records
from bench.reporting.degraded import Row
from bench.reporting.text.cells import metric_note
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.suite import CLEAN, ArmSpec


def every_cell(arm: ArmSpec, tables: Tables) -> str:
    """Both arms' rates, cost raw and capped, and the interaction both ways, in every cell."""
    header = ["cell", str(arm.control), arm.id, "cost, 95 % interval", "capped", "more than clean, points", "capped"]
    header += ["ratio to clean", "", "loops", "empties"]
    comparisons = rows_of(tables.comparisons, arm)
    cells = comparisons[comparisons["primary"]].merge(
        rows_of(tables.interactions, arm),
        how="left",
        on=["language", "condition", "metric"],
        suffixes=("", "_more"),
        validate="one_to_one",
    )
    return f"## Every cell of {arm.id}\n\n{markdown_table(header, [_cell(row) for row in records(cells)])}"


def _cell(row: Row) -> list[str]:
    clean = row["condition"] == CLEAN
    mark = "floor" if row["floor"] else "hurts more" if not clean and row["hurts_more"] else ""
    more = [
        f"{signed(row['difference'])} {interval(row['low_more'], row['high_more'])}",
        f"{signed(row['capped_difference'])} {interval(row['capped_low_more'], row['capped_high_more'])}",
        _ratio(row),
    ]
    return [
        f"{row['language']} {row['condition']}{metric_note(row)}",
        rate(row["control_rate"]),
        rate(row["rate"]),
        f"{signed(row['delta'])} {interval(row['low'], row['high'])}",
        f"{signed(row['capped_delta'])} {interval(row['capped_low'], row['capped_high'])}",
        *([""] * 3 if clean else more),
        mark,
        f"{row['loops']} ({row['control_loops']:.0f})",
        f"{row['empties']} ({row['control_empties']:.0f})",
    ]


def _ratio(row: Row) -> str:
    if math.isnan(row["ratio"]):
        return "n/a"
    if not math.isfinite(row["ratio_low"] + row["ratio_high"]):
        return f"×{row['ratio']:.2f}"
    return f"×{row['ratio']:.2f} [{row['ratio_low']:.2f}, {row['ratio_high']:.2f}]"
