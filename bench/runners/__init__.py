"""Decoding: from the cells of a suite to decodes on disk."""

from bench.runners.audio_clips import encode_clips
from bench.runners.choosing import fits_here
from bench.runners.conditions import Conditions, conditions_of
from bench.runners.engines import make_engine
from bench.runners.fitting import require_fitting
from bench.runners.recognisers import Source, describe_arm, find_source
from bench.runners.recording import require_same_commits
from bench.runners.running import RunSummary, run_suite
from bench.runners.sharding import WHOLE, Shard
from bench.runners.work import Work, plan_work, require_speakers

__all__ = [
    "WHOLE",
    "Conditions",
    "RunSummary",
    "Shard",
    "Source",
    "Work",
    "conditions_of",
    "describe_arm",
    "encode_clips",
    "find_source",
    "fits_here",
    "make_engine",
    "plan_work",
    "require_fitting",
    "require_same_commits",
    "require_speakers",
    "run_suite",
]
