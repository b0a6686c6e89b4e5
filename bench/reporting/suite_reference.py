"""Every key of a suite as Markdown: its values and default by the models' JSON schema, its meaning from below it.

Meanings are read from the source when they are asked for, so that no command waits for them.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import Any

from pydantic import BaseModel

from bench.reporting.text.markdown import code, markdown_table
from bench.suite import ArmSpec, ColumnsSpec, ConditionSpec, CorpusSpec, DecodeSpec, RecoverySpec, ScoringSpec, Suite
from bench.suite.sections import Floor, MemorySpec, StatisticsSpec

ABOUT = """# Every key of a suite

A suite is one TOML file. A key that is not listed here is refused, as is a value of another kind: one line that names
file and key. Keys of `arms` and `conditions` stand in each of their entries. Paths are relative to the file;
`${VARIABLES}`, also with a default as `${NAME:-default}`, expand. [Measuring](../measuring.md) has a suite to begin
with."""
SECTIONS: Mapping[str, type[BaseModel]] = {
    "The suite": Suite,
    "arms": ArmSpec,
    "conditions": ConditionSpec,
    "corpus": CorpusSpec,
    "corpus.columns": ColumnsSpec,
    "decode": DecodeSpec,
    "scoring": ScoringSpec,
    "statistics": StatisticsSpec,
    "statistics.floor": Floor,
    "memory": MemorySpec,
    "recovery": RecoverySpec,
}
PLAIN = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true`, `false`"}
LIMITS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}
LARGE = 2**53
"""No limit that a user meets."""


def render_suite_reference() -> str:
    """All sections, a row a key."""
    return "\n\n".join([ABOUT, *(_section(title, model) for title, model in SECTIONS.items())]) + "\n"


def meanings_of(model: type[BaseModel]) -> dict[str, str]:
    """What the string below each key says, by attribute."""
    (tree,) = ast.parse(dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for key, below in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(key, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[ast.unparse(key.target)] = " ".join(str(below.value.value).split())
    return found


def _section(title: str, model: type[BaseModel]) -> str:
    schema, meanings = model.model_json_schema(), meanings_of(model)
    properties = schema["properties"]
    rows = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        needed = key in schema.get("required", ())
        rows.append([code(key), _values(properties[key]), _default(properties[key], needed), meanings[name]])
    table = markdown_table(["key", "values", "default", "meaning"], rows)
    return f"## {title}\n\n{inspect.getdoc(model)}\n\n{_narrow(table)}"


def _narrow(table: str) -> str:
    """Without what lines its columns up, for some cells are paragraphs."""
    return re.sub("-{4,}", "---", re.sub(" {2,}", " ", table))


def _values(schema: Mapping[str, Any]) -> str:
    """In words; list: whole number from 1."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if choices:
        return "; or ".join(map(_values, choices))
    if "enum" in schema or "const" in schema:
        return ", ".join(code(json.dumps(value)) for value in schema.get("enum", [schema.get("const")]))
    if schema.get("format") == "path":
        return "path"
    if schema.get("type") == "array":
        return f"list: {_values(schema['items'])}"
    if schema.get("type") in PLAIN:
        return " ".join([PLAIN[schema["type"]], *_limits(schema)])
    return "table"


def _limits(schema: Mapping[str, Any]) -> Sequence[str]:
    return [f"{word} {schema[key]:,}" for key, word in LIMITS.items() if schema.get(key, LARGE) < LARGE]


def _default(schema: Mapping[str, Any], needed: bool) -> str:
    """As the file would say it; of tables nothing, for their keys have their own."""
    value = schema.get("default")
    if needed:
        return "**required**"
    nothing_said = value in (None, "", []) or "$ref" in schema or "$ref" in schema.get("items", ())
    return "" if nothing_said else code(json.dumps(value))
