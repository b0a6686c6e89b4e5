"""The results table of a model card: rates, cost with its interval and mark, medians, signature."""

from pathlib import Path
from typing import Any

import pandas as pd

from bench.compare import MedianCost, median_costs
from bench.reporting.format import interval, mark, markdown_table, rate, signed
from bench.reporting.rows import cell_name, records, rows_of
from bench.store import write_atomically
from bench.suite import ArmSpec, Suite

DEMO = "demo: synthetic speech, micro models"
HOW_TO_RUN_YOURS = (
    "To measure two models of your own: name them and your clips in a suite file (15 lines, see README.md), then "
    "`bench run my-suite.toml` and `bench table my-suite.toml`."
)
CSV_COLUMNS = [
    *("arm", "seed", "control", "language", "condition", "metric", "primary", "rate", "control_rate", "delta", "low"),
    *("high", "p", "p_adjusted", "significant", "floor", "percentile_low", "percentile_high", "p_signflip"),
    *("p_clustered_t", "capped_delta", "capped_low", "capped_high", "capped_p", "loops", "control_loops", "empties"),
    *("control_empties", "clips", "truncated", "unreadable", "speakers", "unit"),
]


def render_table(suite: Suite, comparisons: pd.DataFrame) -> str:
    """The whole table as Markdown: costs of each arm that has a control, rates of arms that nothing is held against."""
    title = DEMO if suite.corpus.kind == "demo" else f"{suite.label}: {suite.name}"
    sections = [_section(suite, arm, rows_of(comparisons, arm)) for arm in suite.arms]
    legend = _legend(suite) if any(arm.control for arm in suite.arms) else ""
    signature = f"signature: `{comparisons['signature'].iloc[0]}`"
    closing = HOW_TO_RUN_YOURS if suite.corpus.kind == "demo" else ""
    return "\n\n".join(filter(None, [title, *sections, legend, signature, closing])) + "\n"


def write_table(suite: Suite, comparisons: pd.DataFrame, folder: Path) -> str:
    """Writes table.md and table.csv and returns the Markdown. The CSV has a row for each metric of each cell."""
    text = render_table(suite, comparisons)
    csv = comparisons.reindex(columns=CSV_COLUMNS).round(4).to_csv(index=False)
    header = f"# {suite.label}; rates and deltas in percentage points; {comparisons['signature'].iloc[0]}\n"
    write_atomically(folder / "table.md", lambda path: path.write_text(text, encoding="utf-8"))
    write_atomically(folder / "table.csv", lambda path: path.write_text(header + csv, encoding="utf-8"))
    return text


def _section(suite: Suite, arm: ArmSpec, rows: pd.DataFrame) -> str:
    """Costs of a converted arm, rates of one that is nobody's control; a control's own rates stand beside others'."""
    control = suite.control_of(arm)
    if control is not None:
        return _costs_section(arm, control, rows)
    return "" if arm.name in {other.control for other in suite.arms} else _rates_section(arm, rows)


def _costs_section(arm: ArmSpec, control: ArmSpec, rows: pd.DataFrame) -> str:
    rates = [f"{name} (WER / CER)" for name in (arm.id, control.id)]
    header = ["Lang", *rates, "cost, 95 % interval", "", "clips", "speakers"]
    medians = [_median_line(median) for median in median_costs(rows)]
    table = markdown_table(header, [_cost_row(cell) for cell in _cells(rows)])
    failures = [line for cell in _cells(rows) for line in _failure_line(cell["primary"], control.id)]
    return "\n\n".join([f"## {arm.id} against {control.id}", table, "\n".join(medians + failures)])


def _median_line(median: MedianCost) -> str:
    """The median with its rows named, and without its floor rows."""
    names = f"{len(median.languages)} {median.metric.upper()} rows ({' '.join(median.languages)})"
    line = f"- median cost over the {names}: {signed(median.cost)}"
    if not median.floors:
        return f"{line}; none of them is a floor row"
    without = "none is left" if median.without_floors is None else signed(median.without_floors)
    return f"{line}; without floor rows ({' '.join(median.floors)}): {without}"


def _failure_line(row: dict[str, Any], control: str) -> list[str]:
    """Where either arm loops, how often, and the cost with each clip's errors capped; nothing elsewhere."""
    if not row["loops"] and not row["control_loops"]:
        return []
    capped = f"{signed(row['capped_delta'])} {interval(row['capped_low'], row['capped_high'])}"
    counts = f"loops: {row['loops']} ({row['control_loops']:.0f} in {control})"
    return [f"- {cell_name(row)}, {counts}; with each clip's errors capped at its length, cost {capped}"]


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
    truncated = f" ({row['truncated']} truncated)" if row["truncated"] else ""
    return [f"{row['clips']}{truncated}{unreadable}", str(row["speakers"])]


def _legend(suite: Suite) -> str:
    statistics = suite.statistics
    return (
        "cost: this arm minus its control, in points of WER (of CER where it says so). Interval: 95 %, paired "
        f"bootstrap over {statistics.unit}s, unadjusted; not determined where too few {statistics.unit}s differ. "
        f"✱: p <= 0.05 after Holm's correction over the {len(suite.languages)} languages; (ns): not; floor: the "
        f"control's own WER is above {statistics.floor.wer:g} (CER above {statistics.floor.cer:g} where that is the "
        "cost), so no mark. "
        "Loop: a phrase repeated four times or more that covers half of a hypothesis, or one that never ends."
    )
