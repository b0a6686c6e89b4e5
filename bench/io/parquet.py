"""Rows of Parquet files as people hand them over: some columns, and no more than fits into memory."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.tabular import require_distinct

MOST_ROWS, MOST_BYTES = 1_000_000, 2**29
"""Of a file: its rows, and the bytes of what is read of them, which a few of the file may stand for."""
BATCH = 2**14


def read_columns(path: Path, columns: Collection[str]) -> list[dict[str, Any]]:
    """Every column is named, but only these have values. Raises BenchError for what is damaged, or too much."""
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            require_distinct(str(path), names)
            _require_few(path, file.metadata.num_rows)
            texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            return _rows(path, file, [name for name in names if name in columns], names)
    except (OSError, ValueError, OverflowError, pa.ArrowException) as error:
        raise BenchError(f"{path}: is no Parquet file that can be read ({error}); give another file") from None


def _rows(path: Path, file: Any, chosen: list[str], names: list[str]) -> list[dict[str, Any]]:
    """Texts stay in their dictionaries until it is known how long all of them are."""
    rows: list[dict[str, Any]] = []
    held = 0
    for batch in file.iter_batches(batch_size=BATCH, columns=chosen):
        held += sum(_bytes(column) for column in batch.columns)
        if held > MOST_BYTES:
            raise BenchError(f"{path}: holds more than {MOST_BYTES:,} bytes of text; split it into several files")
        _require_few(path, len(rows) + batch.num_rows)
        rows += [dict.fromkeys(names) | row for row in batch.to_pylist()]
    return rows


def _require_few(path: Path, rows: int) -> None:
    if rows > MOST_ROWS:
        raise BenchError(f"{path}: has {rows:,} rows; split it into files of {MOST_ROWS:,} at most")


def _bytes(column: Any) -> int:
    """Of all its values, each written out."""
    if not pa.types.is_dictionary(column.type) or not pa.types.is_string(column.type.value_type):
        return int(column.nbytes)
    return pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0
