"""Pictures of robustness: error rates and mean costs against the signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.analysis.robustness import MeanCost, degraded_specs, mean_costs
from bench.comparing import Comparison, Measurement, Results
from bench.reporting.figures.conditions import draw_conditions
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.style import (
    BETTER,
    COLOURS,
    GREY,
    columns_of,
    known,
    make_panels,
    name_panel,
    set_heading,
    style_of,
    styled,
    title_of,
)
from bench.reporting.text.format import plain
from bench.stats import Estimate
from bench.suite import CLEAN, ConditionSpec, Suite

Places = Mapping[str, float]
"""Where on the axis a condition stands."""
HEIGHT = 1.65
"""Inches a panel."""
ALONE = 2.1
"""Of a single row, beside which the axis is to be named."""
APART = 0.3
"""How far the clean point is from the last rung, of what that is from the first: its name takes room."""
SHADED = 7
"""Lines in a panel up to which each has its band; more would be one grey."""
COLUMNS = 3
"""Panels in a row."""
LABELS = 9
"""Rungs that are named at most."""
ABOVE = 1.5
"""How far bands are drawn, of the highest rate: a loop in one clip takes them far beyond every rate there is."""


def write_curves(suite: Suite, results: Results, folder: Path) -> None:
    """Writes ladder-NAME for each ladder, ladder-cost and conditions, each as SVG and PNG, if there is any to draw."""
    for name, figure in draw_curves(suite, results).items():
        save_figure(figure, suite.name, results.signature, folder / name)


@styled
def draw_curves(suite: Suite, results: Results) -> dict[str, Figure]:
    """Draws every picture, by file name; costs only where an arm is converted."""
    ladders = [spec for spec in degraded_specs(suite) if spec.kind == "noise" and len(spec.rungs or ()) > 1]
    others = [spec for spec in degraded_specs(suite) if spec not in ladders]
    figures = {f"ladder-{spec.name}": _draw_ladder(suite, spec, results) for spec in ladders}
    converted = any(arm.control for arm in suite.arms)
    if ladders and converted:
        figures["ladder-cost"] = _draw_costs(suite, ladders, results)
    if others and converted:
        figures["conditions"] = draw_conditions(suite, others, results)
    return figures


def _draw_ladder(suite: Suite, spec: ConditionSpec, results: Results) -> Figure:
    """A panel a language: every arm's primary rate at each rung with its 95 % band, the clean rate at the right."""
    figure, panels = make_panels(len(suite.languages), HEIGHT if len(suite.languages) > COLUMNS else ALONE)
    rungs = {condition.name: condition.snr_db or 0 for condition in spec.conditions(None)}
    order = sorted(rungs, key=lambda name: rungs[name])
    places = {name: float(place) for place, name in enumerate(order)} | {CLEAN: _clean_place(len(order))}
    shaded, cut = len(suite.arms) <= SHADED, False
    for panel, language in zip(panels, suite.languages, strict=True):
        of_arms = [results.rates_of(arm).of_language(language).under(*places) for arm in suite.arms]
        floors = {cost.condition for of_arm in of_arms for cost in of_arm if cost.primary and _is_floor(cost)}
        for number, of_arm in enumerate(of_arms):
            _draw_rates(panel, [row for row in of_arm if row.primary], places, number, floors, shaded)
        metric = "CER" if language in suite.scoring.cer_primary else "WER"
        name_panel(panel, f"{language} ({metric})", columns_of(panel))
        cut |= _end_above(panel, max(row.rate.value for of_arm in of_arms for row in of_arm if row.primary))
        _name_places(panel, [rungs[name] for name in order], places[CLEAN])
    bands = "95 % bands" if shaded else "without bands, which would hide one another"
    if cut:
        bands += ", cut above"
    marks = [Line2D([], [], label=arm.id, **style_of(number)) for number, arm in enumerate(suite.arms)]
    set_heading(figure, title_of(suite, f"error rates in {spec.name} noise, {bands}; hollow: floor"), marks)
    figure.supxlabel(f"SNR of added noise, dB ({spec.conditions(None)[0].level} level)")
    figure.supylabel(f"{BETTER}    error rate, %")
    return figure


def _end_above(panel: Axes, highest: float) -> bool:
    """Rates from 0 on; whether a band goes on above what is drawn."""
    top, drawn = ABOVE * highest, panel.get_ylim()[1]
    panel.set_ylim(0, top if 0 < top < drawn else drawn)
    return 0 < top < drawn


def _is_floor(row: Measurement) -> bool:
    return isinstance(row, Comparison) and row.floor


def _draw_rates(
    panel: Axes,
    measured: Sequence[Measurement],
    places: Places,
    number: int,
    floors: Collection[str],
    shaded: bool,
) -> None:
    """Rungs joined, the clean rate apart; hollow where the rate is beyond the floor."""
    style = style_of(number)
    rows = sorted(measured, key=lambda row: places[row.condition])
    rungs, clean = ([row for row in rows if (row.condition == CLEAN) == is_clean] for is_clean in (False, True))
    panel.plot(*_points(rungs, places), linewidth=1.2, **style)
    unusable = [row for row in rungs if row.condition in floors]
    panel.plot(*_points(unusable, places), **(style | {"linestyle": "none", "markerfacecolor": "white"}))
    panel.plot(*_points(clean, places), **(style | {"linestyle": "none"}))
    if shaded:
        low, high = _ends([row.rate for row in rungs])
        panel.fill_between(_points(rungs, places)[0], low, high, color=style["color"], alpha=0.18, linewidth=0)
        panel.vlines(_points(clean, places)[0], *_ends([row.rate for row in clean]), color=style["color"])


def _points(measured: Sequence[Measurement], places: Places) -> tuple[list[float], list[float]]:
    """Places and rates."""
    return [places[row.condition] for row in measured], [row.rate.value for row in measured]


def _ends(estimates: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    """Of intervals, where they are known."""
    return known(estimate.low for estimate in estimates), known(estimate.high for estimate in estimates)


def _draw_costs(suite: Suite, ladders: Sequence[ConditionSpec], results: Results) -> Figure:
    """A panel an arm and metric: the mean cost at each rung, a line a ladder, with 95 % bands; floor cells left out."""
    rungs = {spec.name: {rung.name: rung.snr_db or 0 for rung in spec.conditions(None)} for spec in ladders}
    values = sorted({rung for names in rungs.values() for rung in names.values()})
    clean_place = _clean_place(len(values))
    places = {name: float(values.index(rung)) for names in rungs.values() for name, rung in names.items()}
    conditions = [CLEAN, *places]
    of_arms = {arm.id: mean_costs(results.of(arm), conditions) for arm in suite.arms if arm.control is not None}
    metrics = dict.fromkeys(mean.metric for means in of_arms.values() for mean in means if mean.condition == CLEAN)
    cells = [(arm_id, metric) for metric in metrics for arm_id in of_arms]
    figure, panels = make_panels(len(cells), HEIGHT + 0.25)
    for panel, (arm_id, metric) in zip(panels, cells, strict=True):
        means = {mean.condition: mean for mean in of_arms[arm_id] if mean.metric == metric}
        for number, names in enumerate(rungs.values()):
            _draw_means(panel, [means[name] for name in names if name in means], places, 1 + number)
        clean = means[CLEAN]
        panel.plot(clean_place, clean.cost.value, "o", color=COLOURS[0], markersize=3.5)
        panel.vlines([clean_place], *_ends([clean.cost]), color=COLOURS[0])
        panel.axhline(0, color=GREY, linewidth=0.8)
        name_panel(panel, f"{arm_id}\n{metric.upper()}, mean of {len(clean.languages)}", columns_of(panel))
        _name_places(panel, values, clean_place)
    marks = [Line2D([], [], label=spec.name, **style_of(1 + number)) for number, spec in enumerate(ladders)]
    title = title_of(suite, "mean cost against the control in noise, 95 % bands, floor cells left out")
    set_heading(figure, title, marks)
    figure.supxlabel("SNR of added noise, dB; cost: converted minus control")
    figure.supylabel(f"{BETTER}    cost, points")
    return figure


def _draw_means(panel: Axes, means: Sequence[MeanCost], places: Places, number: int) -> None:
    style, means = style_of(number), sorted(means, key=lambda mean: places[mean.condition])
    at = [places[mean.condition] for mean in means]
    panel.plot(at, [mean.cost.value for mean in means], linewidth=1.2, **style)
    low, high = _ends([mean.cost for mean in means])
    panel.fill_between(at, low, high, color=style["color"], alpha=0.13, linewidth=0)


def _clean_place(rungs: int) -> float:
    return rungs - 1 + max(1.0, APART * (rungs - 1))


def _name_places(panel: Axes, rungs: Sequence[float], clean: float) -> None:
    """Rungs in decibels, some of them where there are many, and the clean point."""
    step = -(-len(rungs) // LABELS)
    named = range(len(rungs) - 1, -1, -step)
    panel.set_xticks([*named, clean], [*(plain(rungs[place]) for place in named), CLEAN])
    panel.set_xlim(-0.5, clean + 0.5)
