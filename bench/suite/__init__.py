"""A suite: one TOML file that says what to measure, validated before anything is loaded."""

from bench.suite.loading import load_suite, ready_made
from bench.suite.schema import ArmSpec, ConditionSpec, CorpusSpec, DecodeSpec, Suite

__all__ = ["ArmSpec", "ConditionSpec", "CorpusSpec", "DecodeSpec", "Suite", "load_suite", "ready_made"]
