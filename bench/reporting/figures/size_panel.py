"""One family by one metric: medians with their band, a thin line a language with its name, published medians hollow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import isfinite

from matplotlib.axes import Axes

from bench.analysis.published import PublishedClaim
from bench.analysis.size_curves import SizeCurve, SizePoint
from bench.reporting.figures.label_placement import spread
from bench.reporting.figures.size_axes import MILLION, Band, band_of, draw_band, finish, set_limits, width_of
from bench.reporting.figures.style import COLOURS, mark_of
from bench.reporting.text.format import interval, signed
from bench.stats import Estimate

MEDIAN, PUBLISHED = COLOURS[0], "#000000"
LANGUAGES = COLOURS[1:]
LABEL = 6
"""Size of labels, points."""
LINE = 0.105
"""Height of a line of them, inches."""
LEFT, LEFT_OF_PUBLISHED, RIGHT, NAMES = 0.10, 0.32, 0.80, 0.92
"""In parts of a panel's width: the smallest size, the same with labels before it, the largest, languages' names."""
BESIDE = 0.04
"""Between a point and its label, in parts of a panel's width."""


@dataclass(frozen=True)
class Look:
    """What all panels of a picture share: their height in inches, the suite's languages, what others have published."""

    height: float
    languages: Sequence[str]
    published: Sequence[PublishedClaim]


def draw_curve(panel: Axes, curve: SizeCurve, look: Look) -> None:
    claims = look.published if curve.metric == "wer" else ()
    median = band_of(curve.points, lambda point: point.median)
    names = list(curve.points[0].languages)
    bands = {name: band_of(curve.points, partial(_cost_in, name)) for name in names} if len(names) > 1 else {}
    sizes = list(dict.fromkeys([*median.sizes, *(_size(claim) for claim in claims)]))
    means = [value for band in bands.values() for value in band.means]
    costs = [*median.ends, *means, *(claim.value for claim in claims)]
    set_limits(panel, sizes, costs, LEFT_OF_PUBLISHED if claims else LEFT, RIGHT)
    for name, band in bands.items():
        colour, _ = mark_of(look.languages.index(name), LANGUAGES)
        panel.plot(band.sizes, band.means, color=colour, linewidth=0.7, alpha=0.75)
    _name_languages(panel, bands, look)
    draw_band(panel, median, MEDIAN, "o")
    _draw_published(panel, claims, look)
    finish(panel, sizes, _title(curve))


def _cost_in(language: str, point: SizePoint) -> Estimate:
    return point.languages[language]


def _title(curve: SizeCurve) -> str:
    languages = list(curve.points[0].languages)
    named = languages[0] if len(languages) == 1 else f"{len(languages)} languages"
    slope = curve.slope
    told = f"\n{signed(slope.value)} {interval(slope.low, slope.high)} a doubling" if slope else ""
    return f"{curve.family}, {named}{told}"


def _size(claim: PublishedClaim) -> float:
    return (claim.parameters or 0) / MILLION


def _name_languages(panel: Axes, bands: Mapping[str, Band], look: Look) -> None:
    """At the right of the largest size, below one another, each led to from its point."""
    low, high = panel.get_ylim()
    line = LINE / look.height * (high - low)
    costs = {name: band.means[-1] for name, band in bands.items() if isfinite(band.means[-1])}
    heights = spread(list(costs.values()), line, low + line / 2, high)
    column = panel.get_xlim()[0] * width_of(panel, NAMES)
    for (name, cost), height in zip(costs.items(), heights, strict=True):
        last = bands[name].sizes[-1]
        ends = [last, last * width_of(panel, BESIDE / 2), column / width_of(panel, 0.01)]
        colour, _ = mark_of(look.languages.index(name), LANGUAGES)
        panel.plot(ends, [cost, cost, height], color=colour, linewidth=0.5, alpha=0.7)
        panel.text(column, height, name, fontsize=LABEL, va="center")


def _draw_published(panel: Axes, claims: Sequence[PublishedClaim], look: Look) -> None:
    """At their size, with its name and how many languages they are over at the left."""
    low, high = panel.get_ylim()
    step = width_of(panel, BESIDE)
    told: dict[tuple[float, float, str], list[str]] = {}
    for claim in claims:
        key = _size(claim), claim.value, claim.size
        told.setdefault(key, []).extend([] if claim.languages is None else [str(claim.languages)])
    for place, group in groupby(sorted(told), key=lambda key: key[0]):
        keys = list(group)
        heights = spread([value for _, value, _ in keys], LINE / look.height * (high - low), low, high)
        for (_, value, size), height in zip(keys, heights, strict=True):
            languages = ", ".join(told[place, value, size])
            label = f"{size} ({languages})" if languages else size
            panel.plot([place / step, place], [height, value], color=PUBLISHED, linewidth=0.4, zorder=4)
            panel.plot(place, value, "s", markerfacecolor="white", color=PUBLISHED, markersize=4.5, zorder=4)
            at = panel.text(place / step, height, label, fontsize=LABEL, ha="right", va="center", zorder=4)
            at.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4})
