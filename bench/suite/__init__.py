"""A suite: one TOML file that says what to measure, validated before anything is loaded."""

from bench.suite.arms import RANDOM, ArmId, ArmSpec, without_place
from bench.suite.conditions import CLEAN, CLEAN_CONDITION, SPEECH_MARGIN, Condition, ConditionSpec
from bench.suite.corpus import ColumnsSpec, CorpusSpec
from bench.suite.loading import load_suite, ready_made, resolve_model, validate_section
from bench.suite.overrides import Overrides, read_overrides
from bench.suite.recognisers import MANIFEST, OUTPUT, TRANSFORMERS
from bench.suite.schema import Suite
from bench.suite.sections import DecodeSpec, RecoverySpec, ScoringSpec, StatisticsSpec

__all__ = [
    "CLEAN",
    "CLEAN_CONDITION",
    "MANIFEST",
    "OUTPUT",
    "RANDOM",
    "SPEECH_MARGIN",
    "TRANSFORMERS",
    "ArmId",
    "ArmSpec",
    "ColumnsSpec",
    "Condition",
    "ConditionSpec",
    "CorpusSpec",
    "DecodeSpec",
    "Overrides",
    "RecoverySpec",
    "ScoringSpec",
    "StatisticsSpec",
    "Suite",
    "load_suite",
    "read_overrides",
    "ready_made",
    "resolve_model",
    "validate_section",
    "without_place",
]
