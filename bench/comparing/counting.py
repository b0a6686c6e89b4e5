"""Decodes to error counts: one row an arm and utterance, words and characters."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from bench.scoring import (
    UNITS,
    Scorer,
    align_characters,
    count_written_words,
    is_loop,
    lacks_word_spaces,
)

KEYS = [
    *("arm", "seed", "language", "condition", "utterance_id", "speaker_id", "gender", "age", "accent"),
    *("audio_status", "detail", "nll", "nll_tokens", "speech_db", "background_db"),
]
TEXTS = ["reference", "hypothesis", "language", "audio_status", "finish"]


def count_decodes(decodes: pd.DataFrame, scorer: Scorer, cer_primary: Collection[str]) -> pd.DataFrame:
    """A row a decode, in its order. An unreadable clip keeps its row, without edits.

    `KEYS`; the normalised texts, the hypothesis divided into words as the scorer aligned it; the words of the reference
    as it was written, and whether it lacks spaces between them; `wer_edits` and `cer_edits`, the alignments of words
    and of characters, a letter an edit, which give every count; whether the hypothesis loops or is empty.
    """
    columns = (decodes[name].tolist() for name in TEXTS)
    rows = [_counts(scorer, cer_primary, *texts) for texts in zip(*columns, strict=True)]
    return pd.concat([decodes[KEYS], pd.DataFrame(rows, index=decodes.index)], axis=1)


def _counts(
    scorer: Scorer,
    cer_primary: Collection[str],
    reference: str,
    hypothesis: str,
    language: str,
    status: str,
    finish: str | None,
) -> dict[str, Any]:
    if status == "unreadable":
        reference = hypothesis = ""
    written, unspaced = count_written_words(reference), lacks_word_spaces(reference)
    reference, hypothesis = scorer.normalize(reference, language), scorer.normalize(hypothesis, language)
    hypothesis, words = scorer.align(reference, hypothesis)
    characters = align_characters(reference, hypothesis)
    units_of = UNITS["cer" if language in cer_primary else "wer"]
    return {
        "normalized_reference": reference,
        "normalized_hypothesis": hypothesis,
        "written_words": written,
        "unspaced": unspaced,
        "wer_edits": words,
        "cer_edits": characters,
        "loop": is_loop(units_of(hypothesis), units_of(reference), ended=finish != "budget"),
        "empty": status != "unreadable" and not hypothesis,
    }
