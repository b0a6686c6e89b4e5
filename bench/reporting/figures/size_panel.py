"""One family by one metric: medians with intervals, a thin line a language with its name, published medians hollow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite

from matplotlib.axes import Axes

from bench.analysis.published import PublishedClaim
from bench.analysis.size_curves import SizeCurve
from bench.reporting.figures.label_placement import side_by_side, spread
from bench.reporting.figures.size_axes import MILLION, Point, finish, set_limits, steps_of, width_of
from bench.reporting.figures.style import COLOURS, mark_of
from bench.reporting.text.format import interval, signed

MEDIAN, PUBLISHED = COLOURS[0], "#000000"
LANGUAGES = COLOURS[1:]
LABEL = 6
"""Size of labels, points."""
LINE = 0.105
"""Height of a line of them, inches."""
LEFT, LEFT_OF_PUBLISHED, RIGHT, NAMES = 0.10, 0.25, 0.80, 0.93
"""In parts of a panel's width: the smallest size, the same with labels before it, the largest, languages' names."""
BESIDE = 0.04
"""Between marks of one size, in parts of a panel's width."""


@dataclass(frozen=True)
class Look:
    """What all panels of a picture share: their height in inches, the suite's languages, what others have published."""

    height: float
    languages: Sequence[str]
    published: Sequence[PublishedClaim]


def draw_curve(panel: Axes, curve: SizeCurve, look: Look) -> None:
    claims = look.published if curve.metric == "wer" else ()
    sizes = [point.parameters / MILLION for point in curve.points]
    everything = list(dict.fromkeys([*sizes, *(_size(claim) for claim in claims)]))
    left = (LEFT_OF_PUBLISHED if claims else LEFT) + BESIDE * (sizes.count(min(everything)) - 1) / 2
    set_limits(panel, everything, _costs(curve, claims), left, RIGHT)
    step = width_of(panel, BESIDE)
    points = list(zip(side_by_side(sizes, step), curve.points, strict=True))
    panel.axhline(0, xmax=NAMES - 0.01, color="#888888", linewidth=0.8)
    if len(curve.points[0].languages) > 1:
        _draw_languages(panel, points, look)
    for place, point in points:
        panel.plot([place, place], [point.median.low, point.median.high], color=MEDIAN, linewidth=1.6, zorder=3)
        panel.plot(place, point.median.value, "o", color=MEDIAN, markersize=5.5, zorder=3)
    firsts = {point.parameters / MILLION: place for place, point in reversed(points)}
    _draw_published(panel, claims, firsts, look)
    finish(panel, everything, _title(curve))


def _title(curve: SizeCurve) -> str:
    languages = list(curve.points[0].languages)
    named = languages[0] if len(languages) == 1 else f"{len(languages)} languages"
    slope = curve.slope
    told = f"\n{signed(slope.value)} {interval(slope.low, slope.high)} a doubling" if slope else ""
    return f"{curve.family}, {curve.metric.upper()}, {named}{told}"


def _size(claim: PublishedClaim) -> float:
    return (claim.parameters or 0) / MILLION


def _costs(curve: SizeCurve, claims: Sequence[PublishedClaim]) -> list[float]:
    """Of everything that is drawn, points."""
    medians = [value for point in curve.points for value in (point.median.low, point.median.high, point.median.value)]
    costs = [cost.value for point in curve.points for cost in point.languages.values()]
    return [*medians, *costs, *(claim.value for claim in claims)]


def _draw_languages(panel: Axes, points: Sequence[Point], look: Look) -> None:
    for number, language in enumerate(look.languages):
        if language not in points[0][1].languages:
            continue
        colour, marker = mark_of(number, LANGUAGES)
        for ends in steps_of(points):
            costs = [point.languages[language].value for _, point in ends]
            panel.plot([place for place, _ in ends], costs, color=colour, linewidth=0.7, alpha=0.55)
        costs = [point.languages[language].value for _, point in points]
        panel.plot([place for place, _ in points], costs, marker, color=colour, markersize=2.8, alpha=0.9)
    last, point = points[-1]
    _name_languages(panel, last, {name: cost.value for name, cost in point.languages.items()}, look)


def _name_languages(panel: Axes, last: float, costs: Mapping[str, float], look: Look) -> None:
    """At the right of the largest size, below one another, each led to from its point."""
    low, high = panel.get_ylim()
    line = LINE / look.height * (high - low)
    known = {name: cost for name, cost in costs.items() if isfinite(cost)}
    heights = spread(list(known.values()), line, low + line / 2, high)
    column = panel.get_xlim()[0] * width_of(panel, NAMES)
    ends = [last, last * width_of(panel, BESIDE / 2), column / width_of(panel, 0.01)]
    for (name, cost), height in zip(known.items(), heights, strict=True):
        colour, _ = mark_of(look.languages.index(name), LANGUAGES)
        panel.plot(ends, [cost, cost, height], color=colour, linewidth=0.5, alpha=0.7)
        panel.text(column, height, name, fontsize=LABEL, color="#222222", va="center")


def _draw_published(panel: Axes, claims: Sequence[PublishedClaim], firsts: Mapping[float, float], look: Look) -> None:
    """At the left of what was measured of its size, with the size's name and how many languages it is over."""
    low, high = panel.get_ylim()
    step = width_of(panel, BESIDE)
    told: dict[tuple[float, float, str], list[str]] = {}
    for claim in claims:
        key = firsts.get(_size(claim), _size(claim)) / step, claim.value, claim.size
        told.setdefault(key, []).extend([] if claim.languages is None else [str(claim.languages)])
    for place, group in groupby(sorted(told), key=lambda key: key[0]):
        keys = list(group)
        heights = spread([value for _, value, _ in keys], LINE / look.height * (high - low), low, high)
        for (_, value, size), height in zip(keys, heights, strict=True):
            languages = ", ".join(told[place, value, size])
            label = f"{size} ({languages})" if languages else size
            panel.plot([place / step**0.7, place], [height, value], color=PUBLISHED, linewidth=0.4, zorder=4)
            panel.plot(place, value, "s", markerfacecolor="white", color=PUBLISHED, markersize=4.5, zorder=4)
            at = panel.text(place / step**0.8, height, label, fontsize=LABEL, ha="right", va="center", zorder=4)
            at.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.4})
