"""The second table of an arm: what its costs are made of."""

import math
from collections.abc import Callable, Sequence

from bench.comparing import Comparison
from bench.reporting.text.cells import cell_name, metric_note
from bench.reporting.text.format import estimated, signed
from bench.reporting.text.markdown import markdown_table


def details_table(comparisons: Sequence[Comparison], sensitivity: str | None) -> str:
    """One line a cell: relative cost, edits, transcripts, what one unit and the top utterances do; NLL."""
    columns: dict[str, Callable[[Comparison], str]] = {
        "Lang": lambda row: cell_name(row) + metric_note(row.metric),
        "relative, 95 %": _relative,
        "sub / del / ins": _edits,
        "empties": lambda row: f"{row.result.empties} ({row.control_result.empties})",
        "changed": lambda row: f"{row.changes.changed:.0f} %",
        "better / worse": lambda row: f"{row.changes.improved:.0f} / {row.changes.worsened:.0f} %",
        "without one": _without_one,
        "top 1 % carry": lambda row: "n/a" if math.isnan(row.changes.top_share) else f"{row.changes.top_share:.0f} %",
    }
    if sensitivity:
        columns[f"under {sensitivity}"] = _second
    if any(not math.isnan(_nll_z(row)) for row in comparisons):
        columns["NLL z"] = lambda row: signed(_nll_z(row), 1)
    return markdown_table(list(columns), [[column(row) for column in columns.values()] for row in comparisons])


def _relative(row: Comparison) -> str:
    relative = row.relative
    if not relative.is_determined:
        return "n/a" if math.isnan(relative.value) else f"{signed(relative.value, 0)} %"
    return f"{signed(relative.value, 0)} % [{signed(relative.low, 0)}, {signed(relative.high, 0)}]"


def _without_one(row: Comparison) -> str:
    return "n/a" if math.isnan(row.without_one.low) else " to ".join(signed(end) for end in row.without_one)


def _edits(row: Comparison) -> str:
    return " / ".join(signed(part.value, 1) for part in (row.substitutions, row.deletions, row.insertions))


def _second(row: Comparison) -> str:
    return "" if row.sensitivity is None else estimated(row.sensitivity.delta)


def _nll_z(row: Comparison) -> float:
    return math.nan if row.likelihood is None else row.likelihood.z
