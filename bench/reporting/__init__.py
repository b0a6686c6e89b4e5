"""What is rendered from records, and nothing else: a report formats numbers, it never computes one."""

from pathlib import Path

from bench.analysis.memory.records import MemoryRecords
from bench.compare import Tables
from bench.reporting.figures.forest import write_forest
from bench.reporting.figures.frontier import write_frontier
from bench.reporting.figures.size_curve import write_curve
from bench.reporting.figures.snr_ladder import write_curves
from bench.reporting.tables.budgets import budget_records, render_budget
from bench.reporting.tables.corpus import write_data
from bench.reporting.tables.costs import render_table, write_table
from bench.reporting.tables.memory import write_memory
from bench.reporting.tables.pair import render_pair
from bench.reporting.tables.power import render_plan
from bench.reporting.tables.published import render_published
from bench.reporting.tables.reproduction import NAME as REPRODUCTION
from bench.reporting.tables.reproduction import write_reproduction
from bench.reporting.tables.robustness import write_robustness
from bench.reporting.text.terminal import render_movement
from bench.suite import Suite

__all__ = [
    "REPRODUCTION",
    "budget_records",
    "render_budget",
    "render_movement",
    "render_pair",
    "render_plan",
    "render_published",
    "render_table",
    "write_curve",
    "write_data",
    "write_forest",
    "write_frontier",
    "write_memory",
    "write_reports",
    "write_reproduction",
    "write_table",
]


def write_reports(suite: Suite, tables: Tables, memory: MemoryRecords | None, folder: Path) -> str:
    """Every report of a suite; returns the table as it is printed."""
    text = write_table(suite, tables, folder)
    write_forest(suite, tables.comparisons, folder)
    write_robustness(suite, tables, folder)
    write_curves(suite, tables, folder)
    if memory is not None:
        write_memory(suite, memory, folder)
    return text
