"""Everything a card and the explorer are rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.analysis.memory.records import MemoryRecords, read_memory
from bench.compare import Tables, read_tables
from bench.compare.protocol import Parameters
from bench.store import Store
from bench.suite import Suite


@dataclass(frozen=True, eq=False)
class SuiteRecords:
    """A suite with its tables, what was decoded, and its bytes where they were measured."""

    suite: Suite
    tables: Tables
    manifest: Mapping[str, Any]
    memory: MemoryRecords | None

    @property
    def parameters(self) -> Parameters:
        return {arm_id: arm.get("parameters") for arm_id, arm in self.manifest["arms"].items()}


def read_suite_records(suite: Suite, store: Store) -> SuiteRecords:
    """Raises BenchError where decodes or settings have changed since the tables were computed."""
    return SuiteRecords(suite, read_tables(suite, store), store.read_manifest(), read_memory(suite, store))
