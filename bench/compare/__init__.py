"""From stored decodes to counts and comparisons: the only place that computes a number for print."""

from bench.compare.records import compare_suite, list_unreadable, read_comparisons
from bench.compare.summaries import MedianCost, median_costs

__all__ = ["MedianCost", "compare_suite", "list_unreadable", "median_costs", "read_comparisons"]
