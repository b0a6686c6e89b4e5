"""From stored decodes to counts and comparisons: the only place that computes a number for print."""

from bench.compare.cautions import list_cautions, list_cautions_of
from bench.compare.degradation import crossings_of, hurting_of, totals_of
from bench.compare.joining import Joined, join_suites, joint_name
from bench.compare.moved import Moved, Movement, Step, Transcript, clips_to_hear, steps, units
from bench.compare.outcomes import Outcomes, outcomes_of
from bench.compare.picking import rows_of
from bench.compare.protocol import SPEAKER, UTTERANCE, Protocol
from bench.compare.records import compare_suite, list_unreadable, read_tables, recompute
from bench.compare.reproduction import Reproduced, Reproduction, reproduce
from bench.compare.signature import signature_part
from bench.compare.sizes import Parameters, SizeCurve, SizePoint, Trade, size_curves, trades_of
from bench.compare.tables import MORE_THAN_CLEAN, Tables
from bench.compare.utterances import read_movement, read_movements, share_out

__all__ = [
    "MORE_THAN_CLEAN",
    "SPEAKER",
    "UTTERANCE",
    "Joined",
    "Moved",
    "Movement",
    "Outcomes",
    "Parameters",
    "Protocol",
    "Reproduced",
    "Reproduction",
    "SizeCurve",
    "SizePoint",
    "Step",
    "Tables",
    "Trade",
    "Transcript",
    "clips_to_hear",
    "compare_suite",
    "crossings_of",
    "hurting_of",
    "join_suites",
    "joint_name",
    "list_cautions",
    "list_cautions_of",
    "list_unreadable",
    "outcomes_of",
    "read_movement",
    "read_movements",
    "read_tables",
    "recompute",
    "reproduce",
    "rows_of",
    "share_out",
    "signature_part",
    "size_curves",
    "steps",
    "totals_of",
    "trades_of",
    "units",
]
