"""Everything a card and the explorer are rendered from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.analysis.memory.records import MemoryRecords, read_memory
from bench.compare import Results, read_results
from bench.compare.protocol import Parameters
from bench.store import Store
from bench.suite import Suite


@dataclass(frozen=True, eq=False)
class SuiteRecords:
    """A suite with its results, what was decoded, and its bytes where they were measured."""

    suite: Suite
    results: Results
    manifest: Mapping[str, Any]
    memory: MemoryRecords | None

    @property
    def corpus_title(self) -> str:
        """The corpus as cards write it: Common Voice 17 test."""
        corpus = str(self.manifest["corpus"])
        release = re.match(r"common-voice-(\d+)[^/]*/(\w+)", corpus)
        return f"Common Voice {release[1]} {release[2]}" if release else corpus

    @property
    def parameters(self) -> Parameters:
        return {arm_id: arm.get("parameters") for arm_id, arm in self.manifest["arms"].items()}


def read_suite_records(suite: Suite, store: Store) -> SuiteRecords:
    """Raises BenchError where decodes or settings have changed since the results were computed."""
    return SuiteRecords(suite, read_results(suite, store), store.read_manifest(), read_memory(suite, store))
