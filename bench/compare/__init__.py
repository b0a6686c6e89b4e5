"""From stored decodes to counts and comparisons: the only place that computes a number for print."""

from bench.compare.joining import Joined, join_suites, joint_name
from bench.compare.picking import rows_of
from bench.compare.pipeline import MORE_THAN_CLEAN, Tables
from bench.compare.protocol import SPEAKER, UTTERANCE, Protocol
from bench.compare.records import compare_suite, list_unreadable, read_tables, recompute
from bench.compare.signature import signature_part

__all__ = [
    "MORE_THAN_CLEAN",
    "SPEAKER",
    "UTTERANCE",
    "Joined",
    "Protocol",
    "Tables",
    "compare_suite",
    "join_suites",
    "joint_name",
    "list_unreadable",
    "read_tables",
    "recompute",
    "rows_of",
    "signature_part",
]
