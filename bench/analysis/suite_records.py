"""Everything a card and the explorer are rendered from."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analysis.memory.records import MemoryRecords, read_memory
from bench.comparing import Results, read_results
from bench.comparing.protocol import Parameters
from bench.manifest import Manifest
from bench.speed.record import NAME, SpeedRecord, read_speed_record
from bench.store import Store
from bench.suite import ArmSpec, Suite


@dataclass(frozen=True, eq=False)
class SuiteRecords:
    """A suite with its results, what was decoded, and its bytes and times where they were measured."""

    suite: Suite
    results: Results
    manifest: Manifest
    memory: MemoryRecords | None
    timed: SpeedRecord | None

    @property
    def parameters(self) -> Parameters:
        return self.manifest.parameters

    def list_unheard(self, *arms: ArmSpec) -> list[str]:
        """A line for each arm, of those named or of all, whose calibration did not hear all languages of the suite."""
        return self.manifest.list_unheard([arm.id for arm in arms or self.suite.arms], self.suite.languages)


def read_suite_records(suite: Suite, store: Store) -> SuiteRecords:
    """Raises BenchError where decodes or settings have changed since the results were computed."""
    results, memory = read_results(suite, store), read_memory(suite, store)
    return SuiteRecords(suite, results, store.read_manifest(), memory, read_timed(store))


def read_timed(store: Store) -> SpeedRecord | None:
    """What `bench speed` measured; None where it did not. Raises BenchError where the file is damaged."""
    return read_speed_record(store.folder / NAME)
