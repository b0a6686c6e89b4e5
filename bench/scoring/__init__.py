"""From strings to error counts: normalisers, alignment and the one value type that counts are pooled in."""

from bench.scoring.alignment import DELETION, INSERTION, align_characters, align_words
from bench.scoring.counts import ErrorCounts
from bench.scoring.failures import is_loop
from bench.scoring.metrics import METRICS, UNITS, Metric
from bench.scoring.normalizers import Normalizer, count_written_words, make_normalizer
from bench.scoring.sclite import align_as_sclite
from bench.scoring.scorers import MERGING, Scorer, make_scorer, normalizer_version
from bench.scoring.spacing import lacks_word_spaces

__all__ = [
    "DELETION",
    "INSERTION",
    "MERGING",
    "METRICS",
    "UNITS",
    "ErrorCounts",
    "Metric",
    "Normalizer",
    "Scorer",
    "align_as_sclite",
    "align_characters",
    "align_words",
    "count_written_words",
    "is_loop",
    "lacks_word_spaces",
    "make_normalizer",
    "make_scorer",
    "normalizer_version",
]
