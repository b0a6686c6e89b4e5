"""Decodes made elsewhere: two files of hypotheses, read, paired and compared like a suite's."""

from bench.compare.external.lists import compare_lists
from bench.compare.external.options import PairOptions
from bench.compare.external.pair import PairResult, compare_files
from bench.compare.external.result import to_json

__all__ = ["PairOptions", "PairResult", "compare_files", "compare_lists", "to_json"]
