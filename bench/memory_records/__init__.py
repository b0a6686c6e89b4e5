"""What was measured of memory, a record an arm and load, and the Parquet file that keeps the records of a suite."""

from bench.memory_records.columns import COLUMNS, SCHEMA, Column
from bench.memory_records.files import read_records, table_of, write_records
from bench.memory_records.record import (
    OK,
    PHASES,
    Environment,
    Load,
    MeasuredBytes,
    MemoryRecord,
    Phase,
    PhaseBytes,
)

__all__ = [
    "COLUMNS",
    "OK",
    "PHASES",
    "SCHEMA",
    "Column",
    "Environment",
    "Load",
    "MeasuredBytes",
    "MemoryRecord",
    "Phase",
    "PhaseBytes",
    "read_records",
    "table_of",
    "write_records",
]
