"""Decodes made elsewhere: files of hypotheses, read, brought together and compared like a suite's."""

from bench.comparing.external.lists import compare_lists, rank_lists
from bench.comparing.external.options import PairOptions
from bench.comparing.external.pair import PairResult, compare_files
from bench.comparing.external.ranking import (
    Ranking,
    RankingResult,
    called_as_files,
    is_told_apart,
    name_files,
    rank_files,
)
from bench.comparing.external.result import JSON, ranking_to_json, to_json

__all__ = [
    "JSON",
    "PairOptions",
    "PairResult",
    "Ranking",
    "RankingResult",
    "called_as_files",
    "compare_files",
    "compare_lists",
    "is_told_apart",
    "name_files",
    "rank_files",
    "rank_lists",
    "ranking_to_json",
    "to_json",
]
