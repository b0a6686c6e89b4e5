"""`python -m bench.reporting.reference [RESULTS REPORTS DOCS]`: columns, reports and a suite's keys as Markdown.

Writes RESULTS/COLUMNS.md, REPORTS/README.md and DOCS/reference/suite.md, from what the code itself reads.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.comparing.schema import SCHEMAS
from bench.io.columns import Column, Schema
from bench.io.files import write_atomically, write_text
from bench.memory_records import MEMORY
from bench.reporting.catalogue import CATALOGUE
from bench.reporting.suite_reference import render_suite_reference
from bench.reporting.text.markdown import code, inline, markdown_table

TYPES = {pa.string(): "text", pa.float64(): "number", pa.int64(): "count", pa.bool_(): "flag"}
ABOUT_COLUMNS = """# Columns

What `bench compare` stores beside a suite's decodes, as Parquet: `results/<suite>/<table>.parquet`. The metadata of a
table holds the `signature` that pins its numbers. Rates are in per cent, deltas (converted minus control) in percentage
points, intervals 95 %. Tables that name a CSV are written among the reports too, without the columns in italics and
without those that lead nowhere in every row."""
ABOUT_REPORTS = """# Reports

What is rendered from a suite's records into `reports/<suite>/`. `bench verify` renders all of it anew and holds it
against what is there."""
CSV = {"comparisons": "table.csv", "slices": "slices.csv", "interactions": "robustness.csv"}
CSV |= {"thresholds": "thresholds.csv"}
"""The file among the reports that holds a table."""


def render_columns() -> str:
    """Every stored table, a row a column."""
    return "\n\n".join([ABOUT_COLUMNS, *map(_section, SCHEMAS.values()), _section(MEMORY)]) + "\n"


def _section(schema: Schema[Any]) -> str:
    csv = f" CSV: {CSV[schema.name]}." if schema.name in CSV else ""
    table = markdown_table(["column", "type", "meaning"], [_row(column) for column in schema.columns])
    return f"## {schema.name}\n\nA row is {schema.about}.{csv}\n\n{table}"


def _row(column: Column) -> list[str]:
    name = code(column.name)
    return [name if column.in_csv else f"*{name}*", TYPES.get(column.type, "texts"), inline(column.doc)]


def render_catalogue() -> str:
    """Every report, with its files and the command that writes it."""
    rows = [
        [report.name, inline(report.about), ", ".join(map(code, report.files)), code(f"bench {report.verb}")]
        for report in CATALOGUE
    ]
    return f"{ABOUT_REPORTS}\n\n{markdown_table(['report', 'what it says', 'files', 'written by'], rows)}\n"


def main(results: Path, reports: Path, docs: Path) -> None:
    """Writes all three."""
    write_atomically(results / "COLUMNS.md", partial(write_text, render_columns()))
    write_atomically(reports / "README.md", partial(write_text, render_catalogue()))
    write_atomically(docs / "reference" / "suite.md", partial(write_text, render_suite_reference()))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:] or ["results", "reports", "docs"]))
