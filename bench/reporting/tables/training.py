"""What training changed, and what conversion did before it."""

from typing import Any

import pandas as pd

from bench.compare import rows_of
from bench.frames import records
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import interval, rate, signed
from bench.reporting.text.markdown import markdown_table
from bench.suite import ArmSpec, Suite


def zero_shot_costs(training: pd.DataFrame, arm: ArmSpec) -> dict[tuple[str, str], str]:
    """By language and condition: what the arm's conversion cost before any training, with its interval."""
    return {(row["language"], row["condition"]): _difference(row) for row in _kind(training, arm, "zero-shot")}


def training_sections(suite: Suite, training: pd.DataFrame) -> list[str]:
    """A table a control that was trained: its rates before and after."""
    controls = [arm for arm in suite.arms if arm.start and arm.control is None]
    return [_section(arm, _kind(training, arm, "training")) for arm in controls]


def _section(control: ArmSpec, rows: list[dict[str, Any]]) -> str:
    start = rows[0]["against"]
    header = ["Lang", start, control.id, "difference, 95 % interval"]
    cells = [
        [cell_name(row) + metric_note(row), rate(row["against_rate"]), rate(row["rate"]), _difference(row)]
        for row in rows
    ]
    return f"## What training itself changed: {control.id}, from {start}\n\n{markdown_table(header, cells)}"


def _kind(training: pd.DataFrame, arm: ArmSpec, kind: str) -> list[dict[str, Any]]:
    rows = rows_of(training, arm)
    return records(rows[rows["kind"] == kind]) if len(rows) else []


def _difference(row: dict[str, Any]) -> str:
    return f"{signed(row['delta'])}{metric_note(row)} {interval(row['low'], row['high'])}"
