"""What every picture has in common: its width, its heading and its marks."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from bench.reporting.text.format import plain
from bench.suite import Suite
from bench.visible import visible

SHEET = Path(__file__).with_name("style.mplstyle")

COLOURS = ("#444444", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Told apart by the colour-blind; markers differ as well."""
MARKERS = "osD^vP*"
DASHES = ("-", "--", "-.", ":")
GREY = "#777777"
"""Of what is beside the point, yet to be seen in print."""
WIDTH = 7.2
"""Inches, of every picture: a page's, so that type is printed as large as it is set."""
_SIZES = mpl.rc_params_from_file(SHEET, use_default_template=False)
TITLE, NAMES, SMALL = (float(_SIZES[name]) for name in ("figure.titlesize", "axes.labelsize", "xtick.labelsize"))
"""Sizes of type in points."""
NOTE = 5.5
CHARACTER = 0.6
"""Of the size: how wide a character is, rather too wide than too narrow."""
PLACES = 6
"""Digits of where a panel is, of the figure's size."""
HANDLE = 7
"""Characters that a legend's mark takes beside its name."""
FEW = 12
"""Panels up to which no more than three stand side by side; four beyond."""
BETTER = "← better"
"""Where an axis begins; on an upright axis the arrow points down."""


P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorates what makes a picture: the sheet holds for all that is drawn in it."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(fname=SHEET):
            return draw(*args, **kwargs)

    return drawn


def mark_of(number: int, colours: Sequence[str] = COLOURS) -> tuple[str, str]:
    """Colour and marker: both are the same only for numbers seven times the colours apart."""
    turn, place = divmod(number, len(colours))
    return colours[place], MARKERS[(place + turn) % len(MARKERS)]


def settle(figure: Figure) -> None:
    """Lays panels out for good, at rounded places.

    The solver's last digits differ from one run to the next, and an SVG names its clip paths after all of them.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for panel in figure.axes:
        panel.set_position(Bbox(panel.get_position().get_points().round(PLACES)))
        panel.set_in_layout(True)


def title_of(suite: Suite, text: str) -> str:
    """A title under the suite's name, with its label where the name does not say it."""
    name = suite.name if suite.label in suite.name else f"{suite.name} ({suite.label})"
    return f"{name}: {text}"


def as_drawn(text: str) -> str:
    """Text from outside on one line: no formula, no character that SVG forbids."""
    return visible(text).replace("$", r"\$")


@styled
def set_heading(figure: Figure, text: str, marks: Sequence[Artist] = ()) -> None:
    """A title and the legend under it, at the top of the figure, which grows by what they take."""
    figure.set_label(text)
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
        panel.tick_params(labelbottom=True)
        for axis in (panel.xaxis, panel.yaxis):
            plain_ticks(axis)
    return figure, list(every[:count])


def plain_ticks(axis: Axis) -> None:
    """Ticks in plain numbers: 20,000 and −5."""
    axis.set_major_formatter(FuncFormatter(plain))


def name_panel(panel: Axes, text: str, columns: int) -> None:
    """A title no wider than one of so many panels side by side."""
    panel.set_title(fold(text, 0.82 * WIDTH / columns, NAMES))


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
