"""What every picture has in common: its width, its heading, its marks, and how it is saved, as SVG and PNG."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from bench.io.files import write_atomically
from bench.visible import visible

COLOURS = ("#444444", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart by the colour-blind; markers differ as well."""
MARKERS = "osD^vP*"
DASHES = ("-", "--", "-.", ":")
GREY = "#777777"
"""Of what is beside the point, yet to be seen in print."""
DPI = 160
WIDTH = 7.2
"""Inches, of every picture: a page's, so that type is printed as large as it is set."""
TITLE, NAMES, SMALL, NOTE = 10, 8, 7, 5.5
"""Sizes of type in points."""
CHARACTER = 0.6
"""Of the size: how wide a character is, rather too wide than too narrow."""
PLACES = 6
"""Digits of where a panel is, of the figure's size."""
HANDLE = 7
"""Characters that a legend's mark takes beside its name."""
FEW = 12
"""Panels up to which no more than three stand side by side; four beyond."""


def mark_of(number: int, colours: Sequence[str] = COLOURS) -> tuple[str, str]:
    """Colour and marker: both are the same only for numbers seven times the colours apart."""
    turn, place = divmod(number, len(colours))
    return colours[place], MARKERS[(place + turn) % len(MARKERS)]


def save_figure(figure: Figure, salt: str, note: str, path: Path) -> None:
    """`path` without a suffix. The same figure gives the same bytes; `salt` names its elements in the SVG.

    `note`, what pins the numbers, stands underneath, no wider than the figure.
    """
    settle(figure)
    width, height = figure.get_size_inches()
    figure.text(
        0.01, -0.08 / height, fold(as_drawn(note), 0.98 * width, NOTE), fontsize=NOTE, color="#555555", va="top"
    )
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        save = partial(figure.savefig, bbox_inches="tight")
        write_atomically(path.with_suffix(".svg"), lambda to: save(to, format="svg", metadata={"Date": None}))
        write_atomically(path.with_suffix(".png"), lambda to: save(to, format="png", dpi=DPI))


def settle(figure: Figure) -> None:
    """Lays panels out for good, at rounded places.

    The solver's last digits differ from one run to the next, and an SVG names its clip paths after all of them.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for panel in figure.axes:
        panel.set_position(Bbox(panel.get_position().get_points().round(PLACES)))
        panel.set_in_layout(True)


def set_title(figure: Figure, text: str) -> None:
    """Sets a title at the left: legends are at the right, where the note under the picture does not move them."""
    figure.suptitle(as_drawn(text), fontsize=10, x=0.01, ha="left")


def as_drawn(text: str) -> str:
    """Text from outside on one line: no formula, no character that SVG forbids."""
    return visible(text).replace("$", r"\$")


def set_heading(figure: Figure, text: str, marks: Sequence[Line2D] = ()) -> None:
    """A title and the legend under it, at the top of the figure, which grows by what they take."""
    columns = _legend_columns([len(str(mark.get_label())) for mark in marks])
    title = fold(as_drawn(text), 0.97 * WIDTH, TITLE)
    figure.legend(
        handles=list(marks),
        title=title,
        loc="outside upper left",
        alignment="left",
        ncols=columns,
        fontsize=NAMES,
        title_fontsize=TITLE,
        frameon=False,
        borderpad=0.1,
    )
    lines = 1 + title.count("\n")
    figure.set_figheight(figure.get_figheight() + 0.2 * lines + 0.17 * math.ceil(len(marks) / columns))


def _legend_columns(lengths: Sequence[int]) -> int:
    """All in one line, else as many as the longest name lets stand side by side."""
    room = _characters(WIDTH, NAMES)
    if sum(lengths) + HANDLE * len(lengths) <= room:
        return max(1, len(lengths))
    return max(1, room // (max(lengths) + HANDLE))


def make_panels(count: int, height: float, **shared: Any) -> tuple[Figure, list[Axes]]:
    """Makes as many panels, each `height` inches with what is written around it; `shared` is sharex or sharey."""
    rows = math.ceil(count / (3 if count <= FEW else 4))
    columns = math.ceil(count / rows)
    figure = Figure(figsize=(WIDTH, height * rows), layout="constrained")
    every = figure.subplots(rows, columns, squeeze=False, **shared).ravel()
    for panel in every[count:]:
        panel.set_visible(False)
    for panel in every[:count]:
        tidy(panel)
        panel.tick_params(labelbottom=True)
    return figure, list(every[:count])


def tidy(*panels: Axes) -> None:
    for panel in panels:
        panel.tick_params(labelsize=SMALL)
        panel.spines[["top", "right"]].set_visible(False)


def name_panel(panel: Axes, text: str, columns: int) -> None:
    """A title no wider than one of so many panels side by side."""
    panel.set_title(fold(text, 0.82 * WIDTH / columns, NAMES), fontsize=NAMES)


def columns_of(panel: Axes) -> int:
    """How many panels stand side by side where this one does."""
    spec = panel.get_subplotspec()
    return 1 if spec is None else spec.get_gridspec().ncols


def fold(text: str, inches: float, points: float) -> str:
    """Every line in as many as it takes to be no wider than that."""
    room = _characters(inches, points)
    return "\n".join(part for line in text.splitlines() for part in textwrap.wrap(line, room, break_on_hyphens=False))


def _characters(inches: float, points: float) -> int:
    return int(72 * inches / (CHARACTER * points))


def style_of(number: int) -> dict[str, Any]:
    """Colour, marker and dashes of the nth line; no two of the first 49 have the same."""
    colour, marker = mark_of(number)
    dashes = DASHES[number // len(COLOURS) % len(DASHES)]
    return {"color": colour, "marker": marker, "linestyle": dashes, "markersize": 3.5}


def known(values: Iterable[float]) -> list[float]:
    """Values with NaN for what is infinite, which cannot be drawn."""
    return [value if math.isfinite(value) else math.nan for value in values]
