"""From strings to error counts: normalisers, alignment and the one value type that counts are pooled in."""

from bench.scoring.counts import ErrorCounts, count_character_errors, count_word_errors
from bench.scoring.failures import compression_ratio, is_loop
from bench.scoring.normalizers import Normalizer, make_normalizer, normalizer_version

__all__ = [
    "ErrorCounts",
    "Normalizer",
    "compression_ratio",
    "count_character_errors",
    "count_word_errors",
    "is_loop",
    "make_normalizer",
    "normalizer_version",
]
