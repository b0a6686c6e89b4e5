"""Decoding: from a suite's cells to decode parts on disk."""

from bench.runners.local import RunSummary, run_suite

__all__ = ["RunSummary", "run_suite"]
