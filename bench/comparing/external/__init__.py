"""Decodes made elsewhere: two files of hypotheses, read, paired and compared like a suite's."""

from bench.comparing.external.lists import compare_lists
from bench.comparing.external.options import PairOptions
from bench.comparing.external.pair import PairResult, compare_files
from bench.comparing.external.result import to_json

__all__ = ["PairOptions", "PairResult", "compare_files", "compare_lists", "to_json"]
