"""A budget of bytes as text and as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.reporting.text.format import mebibytes, percent
from bench.reporting.text.markdown import markdown_table

if TYPE_CHECKING:
    from bench.memory.budget import Load
    from bench.memory.variants import Rival

LINES = {
    "weights": "weights",
    "own": "self-attention cache",
    "cross": "cross-attention cache",
    "states": "encoder states",
    "decode_cache": "decode cache",
    "beside_weights": "decode cache and encoder states",
    "total": "total",
}
LEGEND = (
    "closed form, nothing measured. decode cache: all that attention reads at a step; where the exact form attends the "
    "encoder's states themselves, they are its cross-attention cache and counted once. No transients, no allocator, no "
    "context of the driver: those are measured."
)


def render_budget(name: str, load: Load, rivals: Sequence[Rival]) -> str:
    """A column a rival, with what it saves of the first."""
    header = ["", *(rival.name for rival in rivals)]
    rows = [[label, *(_cell(key, rival, rivals[0]) for rival in rivals)] for key, label in LINES.items()]
    about = (
        f"{name}: {load.batch} clips x {load.beams} beams, {load.positions} text positions, {load.frames} encoder "
        f"positions, {load.itemsize} bytes a value"
    )
    return "\n\n".join([about, markdown_table(header, rows), LEGEND]) + "\n"


def _cell(key: str, rival: Rival, stock: Rival) -> str:
    change = rival.change(key, stock)
    return mebibytes(getattr(rival.budget, key)) + (f" ({percent(change)})" if change else "")


def budget_records(name: str, load: Load, rivals: Sequence[Rival]) -> dict[str, Any]:
    """The same in bytes."""
    return {
        "model": name,
        **asdict(load),
        "forms": [{"form": rival.name} | {key: getattr(rival.budget, key) for key in LINES} for rival in rivals],
    }
