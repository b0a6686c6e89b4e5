"""How long a suite's transcripts are, read off its decodes."""

from __future__ import annotations

import pandas as pd

from bench.arms import PROMPT_TOKENS
from bench.errors import BenchError
from bench.memory.headlines import Transcripts
from bench.store import Store
from bench.suite import CLEAN, Suite


def transcripts_of(suite: Suite, store: Store) -> Transcripts | None:
    """Of its first control on clean speech: prompt and text tokens, all of which are cached. None before a run."""
    control = next(arm for arm in suite.arms if arm.control is None)
    try:
        parts = store.read_manifest()["arms"][control.id]["parts"]
    except (BenchError, KeyError):
        return None
    keys = [key for cell, of_cell in parts.items() if cell.endswith(f"/{CLEAN}") for key in of_cell]
    tokens: pd.Series = store.read_decodes(keys)["tokens"]
    middle, longest = tokens.quantile([0.5, 0.99], interpolation="higher")
    return Transcripts(int(middle) + PROMPT_TOKENS, int(longest) + PROMPT_TOKENS)
