"""What was measured of memory, a record an arm and load, and the Parquet file that keeps the records of a suite."""

from bench.memory_load import Load
from bench.memory_records.columns import MEMORY
from bench.memory_records.files import read_records, write_records
from bench.memory_records.record import (
    OK,
    PHASES,
    Environment,
    MeasuredBytes,
    MemoryRecord,
    Phase,
    PhaseBytes,
    Phases,
)

__all__ = [
    "MEMORY",
    "OK",
    "PHASES",
    "Environment",
    "Load",
    "MeasuredBytes",
    "MemoryRecord",
    "Phase",
    "PhaseBytes",
    "Phases",
    "read_records",
    "write_records",
]
