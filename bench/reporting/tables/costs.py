"""The results table of a model card: rates, cost with its interval, mark and verdict, medians, signature."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis.cautions import list_cautions
from bench.compare import Tables, rows_of
from bench.io.files import write_atomically, write_text
from bench.reporting.tables.details import details_table
from bench.reporting.tables.notes import disagreement_lines, failure_lines, slice_lines, summary_lines
from bench.reporting.tables.overview import overview_section
from bench.reporting.tables.robustness import robustness_lines
from bench.reporting.tables.seeds import seeds_sections
from bench.reporting.tables.training import training_sections, zero_shot_costs
from bench.reporting.text.cells import (
    cell_name,
    cells_of,
    clean_of,
    clips_cell,
    csv_head,
    csv_of,
    metric_note,
    signature_of,
)
from bench.reporting.text.format import interval, mark, rate, signed, verdict
from bench.reporting.text.legend import write_legend
from bench.reporting.text.markdown import code, inline, markdown_table
from bench.suite import ArmSpec, Suite

DEMO = "demo: synthetic speech, micro models"
HOW_TO_RUN_YOURS = (
    "To measure two models of your own: name them and your clips in a suite file (15 lines, see README.md), then "
    "`bench run my-suite.toml` and `bench table my-suite.toml`."
)


def render_table(suite: Suite, tables: Tables) -> str:
    """The whole table as Markdown: costs of each arm that has a control, rates of arms that nothing is held against."""
    title = DEMO if suite.corpus.kind == "demo" else f"{suite.label}: {suite.name}"
    sections = [_section(suite, arm, tables) for arm in suite.arms]
    legend = write_legend(suite) if any(arm.control for arm in suite.arms) else ""
    cautions = "\n".join(f"- caution: {inline(line)}" for line in list_cautions(tables.comparisons))
    signature = f"signature: {code(signature_of(tables.comparisons))}"
    closing = HOW_TO_RUN_YOURS if suite.corpus.kind == "demo" else ""
    training = training_sections(suite, tables.training)
    trends = [*training, *seeds_sections(tables.seeds), _trends(tables)]
    parts = [title, overview_section(suite, tables.summaries), *sections, *trends, cautions, legend, signature, closing]
    return "\n\n".join(filter(None, parts)) + "\n"


def write_table(suite: Suite, tables: Tables, folder: Path) -> str:
    """Writes table.md, and table.csv and slices.csv with a row for each metric of each cell; returns the Markdown."""
    text = render_table(suite, tables)
    header = csv_head(suite, "rates and deltas in percentage points", tables.comparisons)
    contents = {"table.md": text, "table.csv": header + csv_of(tables.comparisons)}
    if len(tables.slices):
        contents["slices.csv"] = header + csv_of(tables.slices)
    for name, content in contents.items():
        write_atomically(folder / name, partial(write_text, content))
    return text


def _section(suite: Suite, arm: ArmSpec, tables: Tables) -> str:
    """Costs of a converted arm; rates of one that is nobody's control or start: theirs stand beside others'."""
    control = suite.control_of(arm)
    if control is not None:
        return _costs_section(suite, arm, control, tables)
    if arm.name in {name for other in suite.arms for name in (other.control, other.start)}:
        return ""
    return _rates_section(arm, rows_of(tables.comparisons, arm))


def _costs_section(suite: Suite, arm: ArmSpec, control: ArmSpec, tables: Tables) -> str:
    rates = [f"{name} (WER / CER)" for name in (arm.id, control.id)]
    before = zero_shot_costs(tables.training, arm)
    costs = ["zero-shot cost", "recovered cost, 95 % interval"] if before else ["cost, 95 % interval"]
    header = ["Lang", *rates, *costs, "", "verdict", "clips", "speakers"]
    cells = cells_of(clean_of(rows_of(tables.comparisons, arm)))
    primary = [cell["primary"] for cell in cells]
    summaries = tables.summaries[tables.summaries["arm"] == arm.id]
    notes = [
        *summary_lines(clean_of(summaries)),
        *robustness_lines(suite, arm, tables),
        *disagreement_lines(primary),
        *failure_lines(primary, control.id),
        *slice_lines(rows_of(tables.slices, arm)),
    ]
    margin = suite.statistics.margin
    return "\n\n".join(
        [
            f"## {arm.id} against {control.id}",
            markdown_table(header, [_cost_row(cell, margin, before) for cell in cells]),
            "\n".join(notes),
            f"What the costs of {arm.id} are made of:",
            details_table(primary, suite.scoring.sensitivity),
        ]
    )


def _rates_section(arm: ArmSpec, rows: pd.DataFrame) -> str:
    header = ["Lang", "WER", "CER", "clips", "speakers"]
    cells = [
        [cell_name(c["wer"]), rate(c["wer"]["rate"]), rate(c["cer"]["rate"]), *_sizes(c["wer"])] for c in cells_of(rows)
    ]
    return f"## {arm.id}\n\n{markdown_table(header, cells)}"


def _trends(tables: Tables) -> str:
    """The slopes of families that come in several sizes."""
    if tables.summaries.empty:
        return ""
    clean = clean_of(tables.summaries)
    slopes = clean[clean["statistic"].str.contains("slope")]
    sections = [
        f"## {family}: cost over model size, points a doubling of parameters\n\n" + "\n".join(summary_lines(rows))
        for family, rows in slopes.groupby("arm", sort=False)
    ]
    return "\n\n".join(sections)


def _cost_row(cell: dict[str, dict[str, Any]], margin: float | None, before: dict[tuple[str, str], str]) -> list[str]:
    wer, cer, primary = cell["wer"], cell["cer"], cell["primary"]
    zero_shot = [before[primary["language"], primary["condition"]]] if before else []
    return [
        cell_name(primary),
        f"{rate(wer['rate'])} / {rate(cer['rate'])}",
        f"{rate(wer['control_rate'])} / {rate(cer['control_rate'])}",
        *zero_shot,
        f"{signed(primary['delta'])}{metric_note(primary)} {interval(primary['low'], primary['high'])}",
        mark(primary),
        verdict(primary, margin),
        *_sizes(primary),
    ]


def _sizes(row: dict[str, Any]) -> list[str]:
    return [clips_cell(row), str(row["speakers"])]
