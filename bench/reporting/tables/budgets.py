"""A budget of bytes as text and as JSON."""

import json
from collections.abc import Sequence

from bench.memory.budget import Decoding, Variant
from bench.reporting.text.markdown import markdown_table
from bench.reporting.text.numbers import mebibytes, percent

LABELS = {
    "weights": "weights",
    "own": "self-attention cache",
    "cross": "cross-attention cache",
    "states": "encoder states",
    "decode_cache": "decode cache",
    "beside_weights": "decode cache and encoder states",
    "total": "total",
}
"""Labels by the lines of a budget."""
LEGEND = (
    "closed form, nothing measured. decode cache: all that attention reads at a step; where the exact form attends the "
    "encoder's states themselves, they are its cross-attention cache and counted once. No transients, no allocator, no "
    "context of the driver: those are measured."
)


def render_budget(name: str, decoding: Decoding, variants: Sequence[Variant]) -> str:
    """A table with a column a variant, and what it saves of the first."""
    header = ["", *(variant.name for variant in variants)]
    rows = [[label, *(_cell(line, variant, variants[0]) for variant in variants)] for line, label in LABELS.items()]
    load = decoding.load
    title = (
        f"{name}: {load.batch} clips x {load.beams} beams, {load.positions} text positions, {decoding.frames} encoder "
        f"positions, {decoding.itemsize} bytes a value"
    )
    return "\n\n".join([title, markdown_table(header, rows), LEGEND]) + "\n"


def _cell(line: str, variant: Variant, stock: Variant) -> str:
    change = variant.change(line, stock)
    return mebibytes(variant.budget.lines[line]) + (f" ({percent(change)})" if change else "")


def budget_json(name: str, decoding: Decoding, variants: Sequence[Variant]) -> str:
    """The load and every variant's lines in bytes, as a JSON object."""
    load = decoding.load
    content = {
        "model": name,
        "batch": load.batch,
        "beams": load.beams,
        "positions": load.positions,
        "frames": decoding.frames,
        "itemsize": decoding.itemsize,
        "kv": decoding.kv,
        "forms": [{"form": variant.name} | variant.budget.lines for variant in variants],
    }
    return json.dumps(content, indent=2) + "\n"
