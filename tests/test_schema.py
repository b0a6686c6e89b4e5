"""The stored tables: values become rows and values again without loss, and every column says what it holds."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.schema import COMPARISONS, SCHEMAS, Schema
from bench.io.columns import COUNT, FLAG, NUMBER, TEXT, TEXTS
from tests.flat import make_measurements, make_results, make_summary

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
TYPED = {
    NUMBER: NUMBERS,
    COUNT: st.integers(0, 10**9),
    FLAG: st.booleans(),
    TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    TEXTS: st.lists(st.sampled_from(["sign-flip", "MAPSSWE", "a, b"]), min_size=1),
}


def whole_rows(schema: Schema[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A value in every column; counts of errors that references have room for."""
    drawn = {column.name: TYPED[column.type] for column in schema.columns}
    for prefix in ("", "control_"):
        if f"{prefix}length" in drawn:
            drawn |= {f"{prefix}{edit}": st.integers(0, 10) for edit in ("substitutions", "deletions", "insertions")}
            drawn[f"{prefix}length"] = st.integers(20, 10**6)
    for name in ("seed", "control_seed", "of_seed", "against_seed"):
        if name in drawn:
            drawn[name] = st.none() | st.integers(0, 9)
    return st.fixed_dictionaries(drawn)


def table_of(schema: Schema[Any], rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema.arrow)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_values_come_back_as_they_were(schema: Schema[Any], data: st.DataObject) -> None:
    values = schema.values(table_of(schema, data.draw(st.lists(whole_rows(schema), max_size=3))))
    table = schema.table(values, {"signature": "s"})
    assert table.schema.metadata == {b"signature": b"s"}
    assert repr(schema.values(table)) == repr(values)  # as text, for NaN is not equal to itself


def test_what_a_control_has_not_stays_away() -> None:
    control, compared = make_measurements(
        [{"arm": "control", "language": "en"}, {"arm": "mla", "control": "control", "language": "en", "delta": 1.0}]
    )
    assert type(control) is Measurement
    assert isinstance(compared, Comparison)
    assert compared.sensitivity is None
    assert compared.likelihood is None
    again = COMPARISONS.values(COMPARISONS.table([control, compared], {}))
    assert repr(again) == repr((control, compared))


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
def test_columns_are_told_and_told_apart(schema: Schema[Any]) -> None:
    names = [column.name for column in schema.columns]
    assert len(set(names)) == len(names)
    assert all(column.doc and column.type in TYPED for column in schema.columns)
    paths = [column.path for column in schema.columns if not column.derived]
    assert len(set(paths)) == len(paths)


def leaves(kind: Any, prefix: str = "") -> set[str]:
    """The path of every plain value in a dataclass."""
    hints = get_type_hints(kind)
    found: set[str] = set()
    for field in fields(kind):
        inner = next((part for part in (hints[field.name], *get_args(hints[field.name])) if is_dataclass(part)), None)
        found |= {prefix + field.name} if inner is None else leaves(inner, f"{prefix}{field.name}.")
    return found


@pytest.mark.parametrize(
    ("schema", "kind"), [(schema, schema.type_of({"control": "c"})) for schema in SCHEMAS.values()], ids=list(SCHEMAS)
)
def test_nothing_is_lost_on_disk(schema: Schema[Any], kind: type) -> None:
    stored = {column.path for column in schema.columns if not column.derived}
    missing = {
        leaf for leaf in leaves(kind) if leaf not in stored and not any(path.startswith(f"{leaf}.") for path in stored)
    }
    assert {leaf for leaf in missing if not leaf.endswith("standard_error")} == set()


def test_a_csv_leaves_out_what_no_row_has() -> None:
    rows = [
        {"arm": "control", "language": "en"},
        {"arm": "mla", "control": "control", "language": "en", "delta": 1.23456},
    ]
    results = make_results(rows)
    header, *lines = COMPARISONS.csv(results.measurements).splitlines()
    names = header.split(",")
    assert {"arm", "seed", "control", "floor", "significant", "delta", "margin"} <= set(names)
    assert not {"control_name", "capped", "nll_z", "sensitivity_delta"} & set(names)
    assert dict(zip(names, lines[1].split(","), strict=True))["delta"] == "1.2346"
    alone = COMPARISONS.csv(results.measurements[:1]).splitlines()[0].split(",")
    assert "delta" not in alone
    assert {"floor", "significant"} <= set(alone)


def test_languages_of_a_summary_are_a_list() -> None:
    schema = SCHEMAS["summaries"]
    summary = make_summary("mla", "wer", 1.0, languages=("en", "zh-CN"), floors=("en",))
    (row,) = schema.table([summary], {}).to_pylist()
    assert (row["languages"], row["floors"]) == (["en", "zh-CN"], ["en"])
    assert schema.values(schema.table([summary], {}))[0].languages == ("en", "zh-CN")
