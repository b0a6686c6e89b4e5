"""Records of memory as a table, as Parquet and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from bench.errors import BenchError
from bench.io.files import write_atomically
from bench.memory_records.columns import COLUMNS, SCHEMA
from bench.memory_records.record import OK, PHASES, Environment, Load, MeasuredBytes, MemoryRecord, PhaseBytes

Part = TypeVar("Part", Load, PhaseBytes, Environment)


def table_of(records: Sequence[MemoryRecord]) -> pa.Table:
    """A row a record, with the columns of `SCHEMA`."""
    return pa.Table.from_pylist([_flatten(record) for record in records], schema=SCHEMA)


def write_records(path: Path, records: Sequence[MemoryRecord]) -> None:
    """Writes a Parquet file that is whole or not there. Raises BenchError where it cannot be written."""
    write_atomically(path, lambda target: pq.write_table(table_of(records), target))


def read_records(path: Path) -> list[MemoryRecord]:
    """The records of a file, in its order. Raises BenchError naming the file, and row and column, where it is damaged.

    Columns may be of any type that holds the values, as those of a file that another program wrote.
    """
    try:
        rows = pq.read_table(path).select(SCHEMA.names).cast(SCHEMA).to_pylist()
    except (OSError, ValueError, KeyError) as error:  # pyarrow's own errors are among them
        raise BenchError(f"{path} is damaged ({error}); run `bench memory` on this suite") from None
    for number, row in enumerate(rows, start=1):
        _require_known(path, number, row)
    return [_unflatten(row) for row in rows]


def _require_known(path: Path, number: int, row: Mapping[str, object]) -> None:
    known = {"always", "fitted"} if row["outcome"] == OK else {"always"}
    for column in COLUMNS:
        if column.known in known and row[column.name] is None:
            raise BenchError(f"{path}: row {number} has no {column.name}; run `bench memory` on this suite")


def _flatten(record: MemoryRecord) -> dict[str, object]:
    """By column; a column that is left out is null."""
    row: dict[str, object] = {name: getattr(record, name) for name in ("arm", "control", "dtype", "kv", "outcome")}
    row |= asdict(record.load)
    if record.measured is not None:
        row |= {name: value for name, value in asdict(record.measured).items() if name != "phases"}
        for phase, held in record.measured.phases.items():
            row |= {f"{phase}_{name}": value for name, value in asdict(held).items()}
    return row | ({} if record.environment is None else asdict(record.environment))


def _unflatten(row: Mapping[str, Any]) -> MemoryRecord:
    return MemoryRecord(
        arm=row["arm"],
        control=row["control"],
        dtype=row["dtype"],
        load=_part_of(Load, row),
        kv=row["kv"],
        outcome=row["outcome"],
        measured=_measured_of(row) if row["outcome"] == OK else None,
        environment=None if row["device"] is None else _part_of(Environment, row),
    )


def _measured_of(row: Mapping[str, Any]) -> MeasuredBytes:
    phases = {phase: _part_of(PhaseBytes, row, f"{phase}_") for phase in PHASES}
    return MeasuredBytes(phases=phases, **{name: row[name] for name in _names_of(MeasuredBytes) if name != "phases"})


def _part_of(kind: type[Part], row: Mapping[str, Any], prefix: str = "") -> Part:
    """A value whose fields are called as the columns are, behind the prefix."""
    return kind(**{name: row[prefix + name] for name in _names_of(kind)})


def _names_of(kind: Callable[..., object]) -> list[str]:
    return [field.name for field in fields(kind)]  # type: ignore[arg-type]
