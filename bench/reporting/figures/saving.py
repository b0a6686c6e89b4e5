"""How every picture is saved: as SVG and PNG, with what pins its numbers."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bench.io.files import write_atomically
from bench.reporting.figures.style import GREY, NOTE, settle, styled
from bench.reporting.text.cells import short_pin
from bench.visible import visible

PALETTE = 256
"""Colours of a PNG, most of them shades between two that are drawn."""


@styled
def save_figure(figure: Figure, salt: str, note: str, path: Path) -> None:
    """`path` without a suffix. The same figure gives the same bytes; `salt` names its elements in the SVG.

    `note`, what pins the numbers, is written into both files; the eight characters that stand for it, in a corner.
    """
    settle(figure)
    width, height = figure.get_size_inches()
    corner: dict[str, Any] = {"fontsize": NOTE, "color": GREY, "va": "top", "ha": "right"}
    figure.text(1 - 0.05 / width, -0.02 / height, f"signature {short_pin(note)}", **corner)
    about = {"Title": visible(str(figure.get_label())), "Description": visible(note)}
    with mpl.rc_context({"svg.hashsalt": salt}):
        save = partial(figure.savefig, bbox_inches="tight")
        write_atomically(path.with_suffix(".svg"), lambda to: save(to, format="svg", metadata=about | {"Date": None}))
        drawn = io.BytesIO()
        save(drawn, format="png", metadata=about)
    write_atomically(path.with_suffix(".png"), partial(_with_palette, drawn))


def _with_palette(drawn: io.BytesIO, path: Path) -> None:
    """The same picture, with what is written in it, in a third of the bytes: charts are of few colours."""
    with Image.open(drawn) as image:
        said = PngInfo()
        for key, value in image.info.items():
            if isinstance(key, str) and isinstance(value, str):
                said.add_text(key, value)
        few = image.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
        few.save(path, format="PNG", optimize=True, pnginfo=said, dpi=image.info["dpi"])
