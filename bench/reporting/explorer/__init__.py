"""The explorer: one HTML file of a suite or of files of decodes, with every verdict and the utterances behind it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.analysis.alignments import Movement
from bench.analysis.published import PublishedClaim
from bench.analysis.suite_records import SuiteRecords
from bench.audio_clip import AudioClip
from bench.io.files import write_atomically, write_text
from bench.reporting.explorer.audio_clips import SILENT
from bench.reporting.explorer.figures import Picture, draw_figures
from bench.reporting.explorer.of_suite import page_of_suite
from bench.reporting.explorer.packing import pack
from bench.reporting.explorer.page import Page
from bench.reporting.explorer.utterances import pack_utterances
from bench.reporting.text.cells import short_pin

NAME = "index.html"
MOST_UTTERANCES = 40_000
"""In a page: what a browser sorts and searches at once."""
HERE = Path(__file__).parent
SCRIPTS = ("data.js", "alignment.js", "tables.js", "picture.js", "address.js", "page.js")
_TABLES = Path(str(distribution("itables").locate_file("itables/html")))
LIBRARIES = {
    "tables": _TABLES / "dt_bundle.js",
    "style": _TABLES / "dt_bundle.css",
    "d3": HERE / "vendor" / "d3.min.js",
    "plot": HERE / "vendor" / "plot.umd.min.js",
}
"""DataTables, as itables bundles it, D3 and Observable Plot. itables is not imported: it looks for a home folder."""


def write_explorer(
    records: SuiteRecords,
    movements: Sequence[Movement],
    audio: Sequence[AudioClip] | None,
    claims: Sequence[PublishedClaim],
    folder: Path,
) -> Path:
    """Writes index.html, whole in itself; `audio`: what it plays, None without."""
    path = folder / NAME
    text = render_page(page_of_suite(records), movements, audio, draw_figures(records, claims))
    write_atomically(path, partial(write_text, text))
    return path


def render_page(
    page: Page,
    movements: Sequence[Movement],
    audio: Sequence[AudioClip] | None = None,
    pictures: Sequence[Picture] = (),
) -> str:
    """A whole HTML document; `audio`: what it plays, None without."""
    data = {
        "arms": page.arms,
        "cells": page.cells,
        "costs": page.costs,
        "utterances": pack_utterances(movements, audio),
    }
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    environment = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(
        page=page,
        pictures=pictures,
        clips=None if audio is None else len(audio),
        audio=json.dumps([b64encode(clip.mp3).decode() for clip in audio or ()]),
        open_tag='<html lang="en">' if audio is not None else SILENT,
        pin=short_pin(page.signature),
        library=pack({name: path.read_text(encoding="utf-8") for name, path in LIBRARIES.items()}),
        images=pack({picture.name: picture.svg for picture in pictures}),
        data=pack(data),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
    )
