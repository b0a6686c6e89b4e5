"""From stored decodes to counts and comparisons: the only place that computes a cost."""

from bench.compare.comparison import ArmResult, Comparison, Measurement, Sample
from bench.compare.interactions import Interaction
from bench.compare.joining import Joined, join_suites, joint_name
from bench.compare.protocol import SPEAKER, UTTERANCE, Parameters, Protocol
from bench.compare.records import compare_suite, list_unreadable, read_results, recompute
from bench.compare.results import ArmResults, Cells, Results
from bench.compare.seeds import SeedCost
from bench.compare.slices import Slice
from bench.compare.summaries import Summary
from bench.compare.thresholds import Threshold
from bench.compare.training import TrainingChange

__all__ = [
    "SPEAKER",
    "UTTERANCE",
    "ArmResult",
    "ArmResults",
    "Cells",
    "Comparison",
    "Interaction",
    "Joined",
    "Measurement",
    "Parameters",
    "Protocol",
    "Results",
    "Sample",
    "SeedCost",
    "Slice",
    "Summary",
    "Threshold",
    "TrainingChange",
    "compare_suite",
    "join_suites",
    "joint_name",
    "list_unreadable",
    "read_results",
    "recompute",
]
