"""The results table of a model card: rates, cost with its interval and mark, medians, signature."""

from pathlib import Path
from typing import Any

import pandas as pd

from bench.compare import MedianCost, median_costs
from bench.reporting.format import interval, mark, markdown_table, rate, signed
from bench.reporting.rows import cell_name, records, rows_of
from bench.store import write_atomically
from bench.suite import ArmSpec, Suite

TITLES = {
    "demo": "demo: synthetic speech, micro models",
    "measured": "measured",
}
HOW_TO_RUN_YOURS = {
    "demo": "To measure two models of your own: name them and your clips in a suite file (15 lines, see README.md), "
    "then `bench run my-suite.toml` and `bench table my-suite.toml`.",
}
CSV_COLUMNS = [
    *("arm", "seed", "control", "language", "condition", "metric", "primary", "rate", "control_rate", "delta", "low"),
    *("high", "p", "p_adjusted", "significant", "floor", "clips", "unreadable", "speakers", "unit"),
]


def render_table(suite: Suite, comparisons: pd.DataFrame) -> str:
    """The whole table as Markdown, one section an arm that has a control; rates alone where no arm has one."""
    arms = [arm for arm in suite.arms if arm.control is not None]
    sections = [_arm_section(suite, arm, rows_of(comparisons, arm)) for arm in arms]
    if not arms:
        sections = [_rates_section(arm, rows_of(comparisons, arm)) for arm in suite.arms]
    title = TITLES[suite.label] if suite.label == "demo" else f"{suite.label}: {suite.name}"
    legend = _legend(suite) if arms else []
    closing = [HOW_TO_RUN_YOURS[suite.label]] if suite.label in HOW_TO_RUN_YOURS else []
    signature = f"signature: `{comparisons['signature'].iloc[0]}`"
    return "\n\n".join([title, *sections, *legend, signature, *closing]) + "\n"


def write_table(suite: Suite, comparisons: pd.DataFrame, folder: Path) -> str:
    """Writes table.md and table.csv and returns the Markdown. The CSV has a row for each metric of each cell."""
    text = render_table(suite, comparisons)
    csv = comparisons.reindex(columns=CSV_COLUMNS).round(4).to_csv(index=False)
    header = f"# {suite.label}; rates and deltas in percentage points; {comparisons['signature'].iloc[0]}\n"
    write_atomically(folder / "table.md", lambda path: path.write_text(text, encoding="utf-8"))
    write_atomically(folder / "table.csv", lambda path: path.write_text(header + csv, encoding="utf-8"))
    return text


def _arm_section(suite: Suite, arm: ArmSpec, rows: pd.DataFrame) -> str:
    header = ["Lang", f"{arm.id} (WER / CER)", "control (WER / CER)", "cost, 95 % interval", "", "clips", "speakers"]
    medians = [_median_line(median) for median in median_costs(rows)]
    title = f"## {arm.id} against {arm.control}"
    return "\n\n".join([title, markdown_table(header, [_cost_row(cell) for cell in _cells(rows)]), "\n".join(medians)])


def _median_line(median: MedianCost) -> str:
    """The median with its rows named, and without its floor rows."""
    names = f"{len(median.languages)} {median.metric.upper()} rows ({' '.join(median.languages)})"
    line = f"Median cost over the {names}: {signed(median.cost)}"
    if not median.floors:
        return f"{line}; none of them is a floor row"
    without = "none is left" if median.without_floors is None else signed(median.without_floors)
    return f"{line}; without floor rows ({' '.join(median.floors)}): {without}"


def _rates_section(arm: ArmSpec, rows: pd.DataFrame) -> str:
    header = ["Lang", "WER", "CER", "clips", "speakers"]
    cells = [
        [cell_name(c["wer"]), rate(c["wer"]["rate"]), rate(c["cer"]["rate"]), *_sizes(c["wer"])] for c in _cells(rows)
    ]
    return f"## {arm.id}\n\n{markdown_table(header, cells)}"


def _cells(rows: pd.DataFrame) -> list[dict[str, dict[str, Any]]]:
    """Each cell's rows by metric, in the suite's order, with the primary one under `primary` as well."""
    cells: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in records(rows):
        cell = cells.setdefault((row["language"], row["condition"]), {})
        cell[row["metric"]] = row
        if row["primary"]:
            cell["primary"] = row
    return list(cells.values())


def _cost_row(cell: dict[str, dict[str, Any]]) -> list[str]:
    wer, cer, primary = cell["wer"], cell["cer"], cell["primary"]
    unit = " CER" if primary["metric"] == "cer" else ""
    return [
        cell_name(primary),
        f"{rate(wer['rate'])} / {rate(cer['rate'])}",
        f"{rate(wer['control_rate'])} / {rate(cer['control_rate'])}",
        f"{signed(primary['delta'])}{unit} {interval(primary['low'], primary['high'])}",
        mark(primary["significant"], primary["floor"]),
        *_sizes(primary),
    ]


def _sizes(row: dict[str, Any]) -> list[str]:
    unreadable = f" (+{row['unreadable']} unreadable)" if row["unreadable"] else ""
    return [f"{row['clips']}{unreadable}", str(row["speakers"])]


def _legend(suite: Suite) -> list[str]:
    statistics = suite.statistics
    return [
        f"cost: this arm minus control, in points of WER (of CER where it says so). Interval: 95 %, paired bootstrap "
        f"over {statistics.unit}s, unadjusted. ✱: p <= 0.05 after Holm's correction "
        f"over the {len(suite.languages)} languages; (ns): not; "
        f"floor: the control itself is above WER {statistics.floor.wer:g} or CER {statistics.floor.cer:g}, so no mark."
    ]
