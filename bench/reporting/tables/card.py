"""The results table of a model card: published rows and measured ones through the same columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.reporting.text.format import rate, signed
from bench.reporting.text.markdown import markdown_table


@dataclass(frozen=True)
class CardRow:
    """One language. Rates in per cent; the cost in points of `metric`, with its interval and verdict where known.

    `mark`: ✱, (ns), or nothing where neither may be said. `control`: the control's WER and CER, where known. `capped`:
    the cost with each clip's errors capped at its length, where that is another. `loops`: with the control's in
    brackets.
    """

    language: str
    wer: float
    cer: float
    metric: str
    cost: float
    mark: str
    floor: bool
    control: tuple[float, float] | None = None
    interval: str | None = None
    capped: str | None = None
    verdict: str | None = None
    loops: str | None = None
    clips: str | None = None


def card_table(model: str, control: str, rows: Sequence[CardRow], cost: str = "conversion cost") -> str:
    """Columns of which no row knows anything are left out."""
    columns: dict[str, Callable[[CardRow], str | None]] = {
        "Lang": lambda row: row.language,
        f"{model} (WER / CER)": lambda row: f"{rate(row.wer)} / {rate(row.cer)}",
        f"{control} (WER / CER)": _control,
        cost: cost_cell,
        "95 % interval": lambda row: row.interval,
        "capped cost": lambda row: row.capped,
        "verdict": lambda row: row.verdict,
        "loops": lambda row: row.loops,
        "clips": lambda row: row.clips,
    }
    cells = {name: [cell(row) for row in rows] for name, cell in columns.items()}
    shown = {name: column for name, column in cells.items() if any(cell is not None for cell in column)}
    return markdown_table(list(shown), [[cell or "" for cell in row] for row in zip(*shown.values(), strict=True)])


def cost_cell(row: CardRow) -> str:
    """+2.41 ✱, +0.75 CER ✱, −0.19 (ns), −0.50 (ns) — floor."""
    unit = " CER" if row.metric == "cer" else ""
    mark = f" {row.mark}" if row.mark else ""
    return f"{signed(row.cost)}{unit}{mark}" + (" — floor" if row.floor else "")


def _control(row: CardRow) -> str | None:
    return None if row.control is None else f"{rate(row.control[0])} / {rate(row.control[1])}"
