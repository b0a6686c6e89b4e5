"""Records of memory as Parquet and back."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.arrow_files import arrow_file
from bench.io.places import Place, write_whole
from bench.memory_records.columns import MEMORY
from bench.memory_records.record import MemoryRecord


def write_records(path: Place, records: Iterable[MemoryRecord]) -> None:
    """Writes a Parquet file that is whole or not there. Raises BenchError where it cannot be written."""
    table = MEMORY.table(records, pins={})
    write_whole(path, lambda target: pq.write_table(table, target, write_page_checksum=True))


def read_records(path: Place) -> tuple[MemoryRecord, ...]:
    """The records of a file, in its order. Raises BenchError naming the file, and what is damaged in it.

    Columns may be of any type that holds the values, as in a file that another program wrote.
    """
    try:
        table = pq.read_table(arrow_file(path), page_checksum_verification=True)
        return MEMORY.values(table.select(MEMORY.arrow.names).cast(MEMORY.arrow))
    except (OSError, ValueError, KeyError, OverflowError, pa.ArrowException) as error:
        raise BenchError(f"{path} is damaged ({error}); run `bench memory` on this suite") from None
