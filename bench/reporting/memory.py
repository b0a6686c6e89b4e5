"""The memory of a suite's arms: contradictions first, three headlines an arm, then every cell."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from bench.files import write_atomically, write_text
from bench.memory.headlines import Headline, Transcripts, headlines_of
from bench.reporting.format import MINUS, markdown_table
from bench.reporting.rows import records as rows_as_records
from bench.suite import RANDOM, Suite

LEGEND = (
    "Bytes of live tensors after the last token, each arm and load in a fresh process; every clip is decoded to the "
    "same length. decode cache: all that attention reads at a step. Saved: of the arm's control. claimed: what the "
    "config says, in closed form. encoder states stay for the whole of decoding; where cross-attention attends them "
    "themselves, they are its cache and counted once. Peaks need a GPU: without one they are absent, not estimated."
)


def write_memory(suite: Suite, table: pd.DataFrame, transcripts: Transcripts | None, folder: Path) -> str:
    """Writes memory.md; returns it."""
    text = render_memory(suite, table, transcripts)
    write_atomically(folder / "memory.md", partial(write_text, text))
    return text


def render_memory(suite: Suite, table: pd.DataFrame, transcripts: Transcripts | None) -> str:
    headlines = headlines_of(table)
    first = rows_as_records(table)[0]
    weights = "random weights, " if any(arm.model.startswith(RANDOM) for arm in suite.arms) else ""
    about = (
        f"{suite.label}: {suite.name}, {weights}{first['device']}, {first['dtype']}, {first['attention']} attention, "
        f"torch {first['torch']}, transformers {first['transformers']}"
    )
    parts = [*_contradictions(headlines), about, _headline_table(headlines, transcripts), _cells(table), LEGEND]
    return "\n\n".join(parts) + "\n"


def _contradictions(headlines: list[Headline]) -> list[str]:
    return [
        f"**{each.arm.upper()} HOLDS {each.contradiction:,.0f} BYTES A CLIP MORE THAN ITS CONFIG CLAIMS.**"
        for each in headlines
        if each.contradiction > 0
    ]


def _headline_table(headlines: list[Headline], transcripts: Transcripts | None) -> str:
    controls = {each.arm: each for each in headlines}
    header = ["arm", "self-attention cache a position"]
    lengths = {"median": transcripts.median, "99th percentile": transcripts.longest} if transcripts else {}
    header += [f"decode cache, {name} transcript ({positions} positions)" for name, positions in lengths.items()]
    header += ["encoder states", "weights", "peak of the process"]
    body = []
    for each in headlines:
        control = controls.get(each.control or "", each)
        body.append(
            [
                each.arm,
                _bytes(each.own_a_position, control.own_a_position),
                *(_bytes(each.decode_cache(n), control.decode_cache(n)) for n in lengths.values()),
                _bytes(each.states, None),
                _bytes(each.weights, control.weights),
                "no GPU" if each.peak is None else _bytes(each.peak, control.peak),
            ]
        )
    missing = "" if transcripts else "\n\nNo transcript of this suite is decoded yet, so none says how long they are."
    return markdown_table(header, body) + missing


def _cells(table: pd.DataFrame) -> str:
    header = ["arm", "batch", "beams", "positions", "weights", "self cache", "claimed", "cross cache", "encoder states"]
    header += ["ms a token"]
    return "## Every cell\n\n" + markdown_table(header, [_cell(row) for row in rows_as_records(table)])


def _cell(row: dict[str, Any]) -> list[str]:
    load = [row["arm"], *(str(row[name]) for name in ("batch", "beams", "positions"))]
    if row["outcome"] != "ok":
        return [*load, row["outcome"], *[""] * 5]
    sizes = [f"{row[name]:,.0f}" for name in ("weights", "own", "own_claimed", "cross", "states")]
    return [*load, *sizes, f"{1000 * row['seconds']:.2f}"]


def _bytes(value: float, control: float | None) -> str:
    text = f"{value:,.0f} B" if value < 2**20 else f"{value / 2**20:,.2f} MiB"
    if control is None or control == value:
        return text
    return text + f" ({100 * (value / control - 1):+.1f} %)".replace("-", MINUS)
