"""Records of memory on disk: what is written is read, and what is damaged is named."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bench.errors import BenchError
from bench.memory_records import MEMORY, MemoryRecord, read_records, write_records
from tests.memory_cells import failed_record, record, with_bytes, without_gpu

RESULTS = Path(__file__).parents[1] / "results"
RECORDS = (
    record("control", 1),
    failed_record("control", 4096),
    replace(failed_record("a", 64), environment=record("a", 1).environment),
    replace(with_bytes(record("a#1", 2), own_claimed=None, cross_claimed=None), kv="int8"),
    *without_gpu([record("a", 3)]),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "memory.parquet"
    write_records(path, RECORDS)
    assert read_records(path) == RECORDS
    assert pq.read_schema(path).equals(MEMORY.arrow)


def test_columns_may_be_of_any_type_that_holds_the_values(tmp_path: Path) -> None:
    """Another program makes floats of counts among nulls, and nothing of a column without a value."""
    path = tmp_path / "memory.parquet"
    for records in (RECORDS, RECORDS[:1], RECORDS[1:2]):
        write_records(path, records)
        pd.read_parquet(path).to_parquet(path)
        assert read_records(path) == records


@pytest.mark.parametrize("suite", ["demo", "demo-family", "whisper-shapes"])
def test_committed_records_are_read(suite: str) -> None:
    records = read_records(RESULTS / suite / "memory.parquet")
    assert all(isinstance(record, MemoryRecord) and record.measured is not None for record in records)


def test_every_column_is_explained_once() -> None:
    columns = MEMORY.columns
    assert len({column.doc for column in columns}) == len({column.name for column in columns}) == len(columns)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "memory.parquet"
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(BenchError, match=r"memory\.parquet is damaged .*run `bench memory` on this suite"):
        read_records(path)
    write_records(path, RECORDS)
    table = pd.read_parquet(path)
    table.drop(columns="outcome").to_parquet(path)
    with pytest.raises(BenchError, match=r"memory\.parquet is damaged .*outcome"):
        read_records(path)
    table.assign(weights="many").to_parquet(path)
    with pytest.raises(BenchError, match=r"memory\.parquet is damaged .*many"):
        read_records(path)
    table.assign(own=[None, *table["own"][1:]]).to_parquet(path)
    with pytest.raises(BenchError, match=r"memory\.parquet is damaged \(row 1 of memory: nothing is known of own\)"):
        read_records(path)
    table.assign(arm=[None, *table["arm"][1:]]).to_parquet(path)
    with pytest.raises(BenchError, match=r"row 1 of memory: nothing is known of arm"):
        read_records(path)
