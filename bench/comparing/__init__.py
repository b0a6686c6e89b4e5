"""From stored decodes to counts and comparisons: the only place that computes a cost."""

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.environments import runtime_of
from bench.comparing.interactions import Interaction
from bench.comparing.joining import Joined, join_suites, joint_name
from bench.comparing.new_language import NewLanguage
from bench.comparing.parts import ArmResult, Sample
from bench.comparing.protocol import SPEAKER, UTTERANCE, Parameters, Protocol
from bench.comparing.records import compare_suite, list_unreadable, read_results, recompute
from bench.comparing.results import ArmResults, CellPair, Cells, Results
from bench.comparing.seeds import SeedCost
from bench.comparing.slices import Slice
from bench.comparing.summaries import Summary
from bench.comparing.thresholds import Threshold
from bench.comparing.training import TrainingChange

__all__ = [
    "SPEAKER",
    "UTTERANCE",
    "ArmResult",
    "ArmResults",
    "CellPair",
    "Cells",
    "Comparison",
    "Interaction",
    "Joined",
    "Measurement",
    "NewLanguage",
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
    "runtime_of",
]
