"""How every picture is saved: as SVG and PNG, with what pins its numbers underneath."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.files import write_atomically
from bench.reporting.format import visible

COLOURS = ("#444444", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart by the colour-blind; markers differ as well."""
MARKERS = "osD^vP*"
DPI = 130
LINE = 215
"""Characters of the note in one line under the picture."""


def style_of(number: int, colours: Sequence[str] = COLOURS) -> tuple[str, str]:
    """Colour and marker: both are the same only for numbers seven times the colours apart."""
    turn, place = divmod(number, len(colours))
    return colours[place], MARKERS[(place + turn) % len(MARKERS)]


def save_figure(figure: Figure, salt: str, note: str, path: Path) -> None:
    """`path` without a suffix. The same figure gives the same bytes; `salt` names its elements in the SVG."""
    wrapped = "\n".join(textwrap.wrap(as_drawn(note), LINE, break_on_hyphens=False))
    figure.text(0.01, -0.01, wrapped, fontsize=5, color="#666666", va="top")
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        save = partial(figure.savefig, bbox_inches="tight")
        write_atomically(path.with_suffix(".svg"), lambda to: save(to, format="svg", metadata={"Date": None}))
        write_atomically(path.with_suffix(".png"), lambda to: save(to, format="png", dpi=DPI))


def set_title(figure: Figure, text: str) -> None:
    """At the left: legends are at the right, where the note under the picture does not move them."""
    figure.suptitle(as_drawn(text), fontsize=10, x=0.01, ha="left")


def as_drawn(text: str) -> str:
    """Text from outside on one line: no formula, no character that SVG forbids."""
    return visible(text).replace("$", r"\$")
