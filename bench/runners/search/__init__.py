"""Greedy search that lets one arm's hypothesis draft the next one's, and says what plain decoding says."""

from bench.runners.search.searcher import Crosses, Searcher
from bench.runners.search.searching import Drafts

__all__ = ["Crosses", "Drafts", "Searcher"]
