"""Decodes to error counts: one row an arm and utterance, words and characters."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from bench.scoring import Normalizer, compression_ratio, count_character_errors, count_word_errors, is_loop

KEYS = ["arm", "seed", "language", "condition", "utterance_id", "speaker_id", "audio_status", "detail"]
METRICS = ("wer", "cer")
COUNTS = ("substitutions", "deletions", "insertions", "length")
TEXTS = ["reference", "hypothesis", "language", "audio_status", "finish"]


def count_decodes(decodes: pd.DataFrame, normalizer: Normalizer, cer_primary: Collection[str]) -> pd.DataFrame:
    """`KEYS` beside wer_ and cer_ columns of `COUNTS`, and whether the hypothesis loops or is empty.

    An unreadable clip keeps its row, with zero counts.
    """
    columns = (decodes[name] for name in TEXTS)
    rows = [_counts(normalizer, cer_primary, *texts) for texts in zip(*columns, strict=True)]
    return pd.concat([decodes[KEYS], pd.DataFrame(rows, index=decodes.index)], axis=1)


def _counts(
    normalizer: Normalizer,
    cer_primary: Collection[str],
    reference: str,
    hypothesis: str,
    language: str,
    status: str,
    finish: str | None,
) -> dict[str, Any]:
    if status == "unreadable":
        reference = hypothesis = ""
    reference, hypothesis = normalizer(reference, language), normalizer(hypothesis, language)
    words, characters = count_word_errors(reference, hypothesis), count_character_errors(reference, hypothesis)
    by_characters = language in cer_primary
    units = list("".join(hypothesis.split())) if by_characters else hypothesis.split()
    length = characters.length if by_characters else words.length
    counts = {
        f"{metric}_{count}": getattr(counts, count)
        for metric, counts in (("wer", words), ("cer", characters))
        for count in COUNTS
    }
    failures = {
        "loop": is_loop(units, length, ended=finish != "budget"),
        "empty": status != "unreadable" and not hypothesis,
        "compression_ratio": compression_ratio(hypothesis),
    }
    return counts | failures
