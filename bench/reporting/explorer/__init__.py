"""The explorer: one HTML file of a suite, with every verdict, every cell, and the utterances behind them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.analysis.alignments import Movement
from bench.analysis.published import PublishedClaim
from bench.analysis.suite_records import SuiteRecords
from bench.audio_clip import AudioClip
from bench.io.files import write_atomically, write_text
from bench.reporting.card.acoustics import demo_words
from bench.reporting.explorer.audio_clips import SILENT
from bench.reporting.explorer.cells import arms_table, cells_table, verdict_lines
from bench.reporting.explorer.figures import Picture, draw_figures
from bench.reporting.explorer.utterances import pack_utterances
from bench.reporting.text.legend import write_page_legend

NAME = "index.html"
MOST_UTTERANCES = 40_000
"""In a page: what a browser sorts and searches at once."""
HERE = Path(__file__).parent
SCRIPTS = ("alignment.js", "tables.js", "page.js")
LIBRARY = files("itables") / "html"
"""DataTables, as itables bundles it."""


def write_explorer(
    records: SuiteRecords,
    movements: Sequence[Movement],
    audio: Sequence[AudioClip] | None,
    claims: Sequence[PublishedClaim],
    folder: Path,
) -> Path:
    """Writes index.html, whole in itself; `audio`: what it plays, None without."""
    path = folder / NAME
    text = render_explorer(records, movements, audio, draw_figures(records, claims))
    write_atomically(path, partial(write_text, text))
    return path


def render_explorer(
    records: SuiteRecords, movements: Sequence[Movement], audio: Sequence[AudioClip] | None, pictures: Sequence[Picture]
) -> str:
    data = {
        "arms": arms_table(records),
        "cells": cells_table(records),
        "utterances": pack_utterances(movements, audio),
    }
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    environment = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["json"] = _json
    return environment.get_template("page.html.j2").render(
        suite=records.suite,
        corpus=records.manifest.corpus.name,
        demo=demo_words(records.suite),
        verdicts=list(verdict_lines(records)),
        pictures=pictures,
        audio=None if audio is None else len(audio),
        open_tag='<html lang="en">' if audio is not None else SILENT,
        legend=write_page_legend(records.suite),
        signature=records.results.signature,
        data=data,
        library=(LIBRARY / "dt_bundle.js").read_text(encoding="utf-8"),
        style=(LIBRARY / "dt_bundle.css").read_text(encoding="utf-8") + (HERE / "page.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )


def _json(value: Mapping[str, Any] | str) -> str:
    """For a data block of a page: no character in it can end the block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
