"""Decodes to error counts: one row an arm and utterance, words and characters."""

import pandas as pd

from bench.scoring import Normalizer, count_character_errors, count_word_errors

KEYS = ["arm", "seed", "language", "condition", "utterance_id", "speaker_id", "audio_status", "detail"]
METRICS = ("wer", "cer")
COUNTS = ("substitutions", "deletions", "insertions", "length")


def count_decodes(decodes: pd.DataFrame, normalizer: Normalizer) -> pd.DataFrame:
    """`KEYS` beside wer_ and cer_ columns of `COUNTS`. An unreadable clip keeps its row, with zero counts."""
    texts = zip(*(decodes[name] for name in ("reference", "hypothesis", "language", "audio_status")), strict=True)
    rows = [_counts(normalizer, *text) for text in texts]
    return pd.concat([decodes[KEYS], pd.DataFrame(rows, index=decodes.index)], axis=1)


def _counts(normalizer: Normalizer, reference: str, hypothesis: str, language: str, status: str) -> dict[str, int]:
    if status == "unreadable":
        reference = hypothesis = ""
    reference, hypothesis = normalizer(reference, language), normalizer(hypothesis, language)
    words, characters = count_word_errors(reference, hypothesis), count_character_errors(reference, hypothesis)
    return {
        f"{metric}_{count}": getattr(counts, count)
        for metric, counts in (("wer", words), ("cer", characters))
        for count in COUNTS
    }
