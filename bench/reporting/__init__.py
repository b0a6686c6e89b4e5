"""What is rendered from records, and nothing else: a report formats numbers, it never computes one."""

from bench.reporting.forest import write_forest
from bench.reporting.table import render_table, write_table

__all__ = ["render_table", "write_forest", "write_table"]
