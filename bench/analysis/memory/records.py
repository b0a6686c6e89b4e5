"""What was measured of a suite, and how long its transcripts are: what a report of memory is rendered from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.analysis.memory.headlines import Transcripts
from bench.store import Store
from bench.suite import Suite
from bench.suite.prompt import PROMPT_TOKENS

NAME = "memory"
"""Of the table in the suite's results."""


@dataclass(frozen=True, eq=False)
class MemoryRecords:
    """A row an arm and load; no transcripts before a run."""

    table: pd.DataFrame
    transcripts: Transcripts | None


def read_memory(suite: Suite, store: Store) -> MemoryRecords | None:
    """None where nothing was measured."""
    path = store.table_path(NAME)
    return MemoryRecords(store.read_table(path), _transcripts_of(suite, store)) if path.is_file() else None


def write_memory_table(suite: Suite, store: Store, table: pd.DataFrame) -> MemoryRecords:
    """As Parquet gives it back, so that what is rendered now is what is rendered later."""
    path = store.table_path(NAME)
    store.write_table(path, table)
    return MemoryRecords(store.read_table(path), _transcripts_of(suite, store))


def _transcripts_of(suite: Suite, store: Store) -> Transcripts | None:
    """Of its first control on clean speech: prompt and text tokens, all of which are cached. None before a run."""
    control = next(arm for arm in suite.arms if arm.control is None)
    arms = store.read_manifest().arms if store.manifest_path.exists() else {}
    if control.id not in arms:
        return None
    keys = [key for of_cell in arms[control.id].clean().parts.values() for key in of_cell]
    tokens: pd.Series = store.read_decodes(keys)["tokens"]
    middle, longest = tokens.quantile([0.5, 0.99], interpolation="higher")
    return Transcripts(int(middle) + PROMPT_TOKENS, int(longest) + PROMPT_TOKENS)
