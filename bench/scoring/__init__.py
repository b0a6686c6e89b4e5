"""From strings to error counts: normalisers, alignment and the one value type that counts are pooled in."""

from bench.scoring.counts import ErrorCounts, count_character_errors, count_word_errors
from bench.scoring.normalizers import Normalizer, make_normalizer, normalizer_version

__all__ = [
    "ErrorCounts",
    "Normalizer",
    "count_character_errors",
    "count_word_errors",
    "make_normalizer",
    "normalizer_version",
]
