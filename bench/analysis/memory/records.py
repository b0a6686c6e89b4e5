"""What was measured of a suite, and how long its transcripts are: what a report of memory is rendered from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.analysis.memory.headlines import Transcripts
from bench.memory_records import MemoryRecord, read_records, write_records
from bench.store import Store
from bench.suite import Suite

NAME = "memory"
"""The name of the table in the suite's results."""


@dataclass(frozen=True)
class MemoryRecords:
    """A record an arm and load; no transcripts before a run."""

    records: tuple[MemoryRecord, ...]
    transcripts: Transcripts | None


def read_memory(suite: Suite, store: Store) -> MemoryRecords | None:
    """What was measured of a suite; None where nothing was. Raises BenchError where the file is damaged."""
    path = store.table_path(NAME)
    return MemoryRecords(read_records(path), _transcripts_of(suite, store)) if path.is_file() else None


def write_measured(suite: Suite, store: Store, records: Sequence[MemoryRecord]) -> MemoryRecords:
    """Writes memory.parquet; returns what `read_memory` does from then on."""
    write_records(store.table_path(NAME), records)
    return MemoryRecords(tuple(records), _transcripts_of(suite, store))


def _transcripts_of(suite: Suite, store: Store) -> Transcripts | None:
    """Lengths for its first control that is measured, on clean speech, prompt and text tokens, all of them cached.

    None before a run, and where no control is a transformers model.
    """
    control = next((arm for arm in suite.models if arm.control is None), None)
    arms = store.read_manifest().arms if store.manifest_path.exists() else {}
    if control is None or control.id not in arms:
        return None
    clean = arms[control.id].clean()
    tokens = pd.concat([store.read_cell(clean, cell)["tokens"] for cell in clean.parts])
    middle, longest = tokens.quantile([0.5, 0.99], interpolation="higher")
    prompt = arms[control.id].settings.prompt_tokens
    assert prompt is not None
    return Transcripts(int(middle) + prompt, int(longest) + prompt)
