"""How typed values become the rows of a table, and rows values again: by columns, each with a path and a meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import pandas as pd
import pyarrow as pa

from bench.visible import no_formula, visible

T = TypeVar("T")
TEXT, NUMBER, COUNT, FLAG, TEXTS = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.list_(pa.string())
NOWHERE: Any = object()
"""What a path leads to where a part of it is not there."""


@dataclass(frozen=True)
class Column:
    """One column: its name, the attribute it holds (`verdict.margin`), its type, and what it says.

    `derived`: it follows from other columns, and is not read back. `default`: what stands there where the path leads
    nowhere, else null. `in_csv`: whether files for people have it; those hold no second form of what they say. `digits`
    of a number there: as many as another processor gives too.
    """

    name: str
    path: str
    type: pa.DataType
    doc: str
    derived: bool = False
    default: object = None
    in_csv: bool = True
    digits: int = 4

    def of(self, value: object) -> Any:
        """What the column holds of a value; NOWHERE where the path ends before."""
        for name in self.path.split("."):
            value = getattr(value, name, NOWHERE) if value is not None else NOWHERE
        return value


@dataclass(frozen=True)
class Schema(Generic[T]):
    """A table of values: its name, what a row is of, its columns in order, and the type that a row is read back as."""

    name: str
    about: str
    columns: tuple[Column, ...]
    type_of: Callable[[Mapping[str, Any]], type[T]]

    @cached_property
    def arrow(self) -> pa.Schema:
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])

    def table(self, values: Iterable[T], pins: Mapping[str, str]) -> pa.Table:
        """A row a value; `pins`: what the whole table is of, kept in its metadata."""
        rows = [{column.name: _plain(column.of(value), column.default) for column in self.columns} for value in values]
        return pa.Table.from_pylist(rows, schema=self.arrow.with_metadata(dict(pins)))

    def values(self, table: pa.Table) -> tuple[T, ...]:
        """The values that a table was made of. Raises ValueError, naming row and column, where one must be known."""
        return tuple(self._value(number, row) for number, row in enumerate(table.to_pylist(), start=1))

    def _value(self, number: int, row: Mapping[str, Any]) -> T:
        kept = [column for column in self.columns if not column.derived]
        cells = [(tuple(column.path.split(".")), row[column.name]) for column in kept]
        try:
            value: T = _build(self.type_of(row), cells)
        except ValueError as error:
            raise ValueError(f"row {number} of {self.name}: {error}") from None
        return value

    def frame(self, values: Sequence[T]) -> pd.DataFrame:
        """What a CSV holds of the values: without columns that lead nowhere in all of them, texts of a list joined.

        No text is obeyed: what a spreadsheet would compute has a ' before it, what a terminal would is written out.
        """
        kept = [column for column in self.columns if column.in_csv and _leads_somewhere(column, values)]
        frame: pd.DataFrame = self.table(values, {}).select([column.name for column in kept]).to_pandas()
        for column in kept:
            if column.type == TEXTS:
                frame[column.name] = [None if texts is None else ", ".join(texts) for texts in frame[column.name]]
            if column.type in (TEXT, TEXTS):
                frame[column.name] = [
                    no_formula(visible(text)) if isinstance(text, str) else text for text in frame[column.name]
                ]
        return frame

    def csv(self, values: Sequence[T]) -> str:
        """The values as CSV, numbers to four decimals or to what their column says."""
        digits = {column.name: column.digits for column in self.columns}
        return self.frame(values).round(digits).to_csv(index=False)


def _leads_somewhere(column: Column, values: Sequence[object]) -> bool:
    return column.default is not None or any(column.of(value) is not NOWHERE for value in values)


def _plain(value: Any, default: object) -> object:
    if value is NOWHERE:
        return default
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value


def _build(kind: Callable[..., Any], cells: Sequence[tuple[tuple[str, ...], Any]]) -> Any:
    """A value of that type from what its attributes, and theirs, are; paths that it has no attribute for are left."""
    hints = _hints(kind)
    members: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
    for (name, *rest), value in cells:
        if name in hints:
            members.setdefault(name, []).append((tuple(rest), value))
    return kind(**{name: _member(name, hints[name], of_member) for name, of_member in members.items()})


def _member(name: str, hint: Any, cells: Sequence[tuple[tuple[str, ...], Any]]) -> Any:
    """A plain value; or an object, None where that is allowed and nothing is known of it.

    Raises ValueError where nothing is known of what has to be.
    """
    is_optional = get_origin(hint) in (Union, UnionType)
    if all(value is None for _, value in cells):
        if is_optional or hint is Any:
            return None
        raise ValueError(f"nothing is known of {name}")
    if cells[0][0] == ():
        value = cells[0][1]
        return tuple(value) if isinstance(value, list) else value
    kind = next(part for part in get_args(hint) if part is not type(None)) if is_optional else hint
    return _build(kind, cells)


@cache
def _hints(kind: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(kind)
