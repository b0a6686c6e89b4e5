"""In what two results of a suite differ, cell by cell: what `bench table --json` writes of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.reporting.text.markdown import inline, markdown_table
from bench.reporting.text.numbers import signed

Rows = Mapping[tuple[str, ...], Mapping[str, Any]]
CELL = ("arm", "seed", "language", "condition", "metric")
PRINTED = 2
"""Digits; what is the same in them is no difference."""
NAMED = 10
"""Cells that only one has, of however many."""
LEGEND = (
    "cost and its mark of the language's own metric; a control has its rate alone. Nothing is tested here: two arms "
    "over the same clips belong into one suite."
)


def render_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Signatures, cells that one of them lacks, and a row for each cell whose numbers differ; empty where none do."""
    old, new = _rows(before), _rows(after)
    changed = [cell for cell in old if cell in new and _told(old[cell]) != _told(new[cell])]
    apart = [
        *_signatures(str(before.get("signature")), str(after.get("signature"))),
        *_only("before", old, new),
        *_only("after", new, old),
    ]
    if not changed and not apart:
        return ""
    header = ["arm", "language", "condition", "metric", "before", "after"]
    rows = [[*_names(cell), _told(old[cell]), _told(new[cell])] for cell in changed]
    same = sum(cell in new for cell in old) - len(changed)
    parts = [
        *apart,
        *([markdown_table(header, rows)] if rows else []),
        f"{len(changed)} cells differ, {same} are the same. {LEGEND}",
    ]
    return "\n\n".join(parts) + "\n"


def _rows(results: Mapping[str, Any]) -> Rows:
    """By cell, those of each language's own metric."""
    return {tuple(str(row.get(name)) for name in CELL): row for row in results["comparisons"] if row.get("primary")}


def _names(cell: tuple[str, ...]) -> list[str]:
    arm, seed, language, condition, metric = cell
    return [inline(arm if seed == "None" else f"{arm}#{seed}"), inline(language), inline(condition), metric.upper()]


def _told(row: Mapping[str, Any]) -> str:
    """12.3, cost +1.20 [−0.10, +2.50] ✱."""
    rate = _number(row, "rate").removeprefix("+")
    if row.get("control") is None:
        return rate
    mark = " ✱" if row.get("significant") else ""
    ends = f"[{_number(row, 'low')}, {_number(row, 'high')}]"
    return f"{rate}, cost {_number(row, 'delta')} {ends}{mark}"


def _number(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return signed(float(value), PRINTED) if isinstance(value, int | float) else "n/a"


def _signatures(before: str, after: str) -> Iterator[str]:
    """The parts of a signature that differ, name by name."""
    old, new = (dict(part.partition(":")[::2] for part in line.split("|")) for line in (before, after))
    lines = [
        f"- {inline(name)}: {inline(old.get(name, 'not stated'))} → {inline(new.get(name, 'not stated'))}"
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]
    if lines:
        yield "\n".join(["signatures differ, so that the numbers are not of the same thing:", *lines])


def _only(title: str, one: Rows, other: Rows) -> Iterator[str]:
    if cells := ["/".join(_names(cell)[:3]) for cell in one if cell not in other]:
        more = f" and {len(cells) - NAMED:,} more" if len(cells) > NAMED else ""
        yield f"only {title}: {', '.join(cells[:NAMED])}{more}"
