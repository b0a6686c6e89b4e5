"""Pictures are legible however many languages and arms there are: no text lies over another, none is cut off."""

import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from bench.analysis.memory.headlines import Transcripts
from bench.reporting.figures.forest import draw_forest
from bench.reporting.figures.memory import draw_batches, draw_caches
from bench.reporting.figures.saving import save_figure
from bench.reporting.figures.snr_ladder import draw_curves
from bench.reporting.figures.style import COLOURS, MARKERS, SMALL, WIDTH, set_heading, settle, style_of
from bench.reporting.tables.corpus import draw_data
from bench.reporting.text.cells import short_pin, signature_line
from tests.flat import with_columns
from tests.pictures import (
    LONG,
    faults_of,
    make_capacities,
    make_clips,
    make_data,
    make_results,
    make_suite,
    texts_of,
)

SIZES = [(1, 1, 226.0), (3, 2, 30.0), (11, 1, 226.0), (24, 2, -226.0)]
"""Languages, converted arms, points that the last arm costs at most."""


def texts(figure: Figure) -> set[str]:
    return {text for text, _ in texts_of(figure)}


@pytest.mark.parametrize(("languages", "converted", "largest"), SIZES)
def test_costs_are_legible(languages: int, converted: int, largest: float) -> None:
    suite = make_suite(languages, converted)
    figure = draw_forest(suite, make_results(suite, largest))
    assert figure is not None
    assert faults_of(figure) == []
    assert {language.split()[0] for language in texts(figure)} >= set(suite.languages)


@pytest.mark.parametrize(("languages", "converted", "largest"), SIZES)
def test_robustness_is_legible(languages: int, converted: int, largest: float) -> None:
    suite = make_suite(languages, converted)
    figures = draw_curves(suite, make_results(suite, largest))
    assert set(figures) == {"ladder-white", "ladder-speech-shaped", "ladder-cost", "conditions"}
    assert [fault for figure in figures.values() for fault in faults_of(figure)] == []


def test_a_band_of_a_loop_leaves_the_rates_apart() -> None:
    suite = make_suite(1, 1)
    results = make_results(suite, 30.0)
    usual = draw_curves(suite, results)["ladder-white"]
    assert "cut above" not in " ".join(texts(usual))
    wide = with_columns(results, lambda row: row["condition"].startswith("white"), rate_low=-900.0, rate_high=1000.0)
    figure = draw_curves(suite, wide)["ladder-white"]
    highest = max(float(np.max(line.get_ydata(), initial=0)) for line in usual.axes[0].lines)
    assert figure.axes[0].get_ylim()[1] == pytest.approx(1.5 * highest)
    assert "cut above" in " ".join(texts(figure))


@pytest.mark.parametrize("languages", [1, 3, 11, 24])
def test_data_is_legible(languages: int) -> None:
    figure = draw_data(make_suite(languages, 1), make_data(languages))
    assert faults_of(figure) == []
    assert ("speakers not named" in texts(figure)) == (languages > 1)


@pytest.mark.parametrize(("converted", "controls"), [(1, 1), (6, 3), (36, 1)])
def test_memory_is_legible(converted: int, controls: int) -> None:
    """Both marks of the transcripts at nearly the same place."""
    suite, clips = make_suite(1, 1), make_clips(converted, controls)
    cache, batch = draw_caches(suite, clips, Transcripts(14, 15)), draw_batches(suite, make_capacities(clips))
    assert faults_of(cache) == []
    assert faults_of(batch) == []
    assert {clip.arm for clip in clips} <= texts(cache)


def test_thirty_six_arms_are_legible() -> None:
    suite = make_suite(1, 36, conditions=())
    figure = draw_forest(suite, make_results(suite))
    assert figure is not None
    assert faults_of(figure) == []


def test_costs_of_nothing_are_legible_and_not_enlarged(recwarn: pytest.WarningsRecorder) -> None:
    """Two arms in one language, equal to their control but for a float's last digits."""
    suite = make_suite(1, 2)
    results = with_columns(
        make_results(suite), lambda row: row["control"] is not None, delta=-1e-17, low=-4e-17, high=4e-17
    )
    figure = draw_forest(suite, results)
    assert figure is not None
    assert faults_of(figure) == []
    assert not recwarn.list
    low, high = figure.axes[0].get_xlim()
    assert (low, high) == pytest.approx((-0.1, 0.1))


def test_an_arm_that_costs_nothing_does_not_narrow_the_others() -> None:
    suite = make_suite(1, 2)
    results = make_results(suite)
    first = next(arm.id for arm in suite.arms if arm.control is not None)
    results = with_columns(results, lambda row: row["arm"] == first, delta=0.0, low=0.0, high=0.0)
    results = with_columns(
        results, lambda row: row["control"] is not None and row["arm"] != first, delta=3.0, low=1.0, high=5.0
    )
    figure = draw_forest(suite, results)
    assert figure is not None
    assert figure.axes[0].get_xlim()[1] >= 5


def test_nothing_is_drawn_twice_alike() -> None:
    styles = [style_of(number) for number in range(len(COLOURS) * len(MARKERS))]
    assert len({(style["color"], style["marker"]) for style in styles}) == len(styles)


def test_an_unknown_interval_looks_unlike_none() -> None:
    """A cost without an interval was drawn as one that is known exactly."""
    suite = make_suite(1, 1)
    results = make_results(suite, 3.0)
    drawn = {}
    for name, low, high in (
        ("known", 2.9, 3.1),
        ("unbounded", float("-inf"), float("inf")),
        ("none", float("nan"), float("nan")),
    ):
        figure = draw_forest(suite, with_columns(results, lambda row: row["control"] is not None, low=low, high=high))
        assert figure is not None
        drawn[name] = "interval not determined" in texts(figure)
    assert drawn == {"known": False, "unbounded": True, "none": True}


def test_large_costs_leave_small_ones_apart() -> None:
    """One and four points lie as far apart as a reader can see, beside a cost of 226."""
    suite = make_suite(3, 2)
    figure = draw_forest(suite, make_results(suite, 226.0))
    assert figure is not None
    assert any("logarithmic beyond 20 points" in text for text in texts(figure))
    panel = figure.axes[0]
    (one, _), (four, _) = panel.transData.transform([(1.0, 0.0), (4.0, 0.0)])
    assert four - one > SMALL


def test_ticks_of_a_large_axis_do_not_touch_and_are_written_in_one_style() -> None:
    suite = make_suite(3, 3)
    figure = draw_forest(suite, make_results(suite, 3000.0))
    assert figure is not None
    assert faults_of(figure) == []
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "1,000" in ticks
    assert "0" in ticks
    assert not any("-" in tick for tick in ticks)


def test_a_bound_looks_unlike_an_interval() -> None:
    """A cost need not lie within the bound of its capped self."""
    suite = make_suite(1, 1)
    named = {}
    for low, high in ((2.0, 4.0), (math.nan, math.nan)):
        results = with_columns(
            make_results(suite, 3.0),
            lambda row: row["control"] is not None,
            **{"delta": 3.0, "low": low, "high": high, "bound_low": -1.0, "bound_high": 1.0},
        )
        figure = draw_forest(suite, results)
        assert figure is not None
        assert "interval not determined" not in texts(figure)
        named[low] = any("bound of the capped cost" in text for text in texts(figure))
    assert list(named.values()) == [False, True]


def test_what_pins_the_numbers_is_in_the_files(tmp_path: Path) -> None:
    """The whole line in the metadata of both, eight characters of it to be seen."""
    line = "corpus:made-up|models:a=0123abcd<control|bench:0 & more"
    figure = Figure(figsize=(WIDTH, 2), layout="constrained")
    figure.subplots().plot([1, 2])
    set_heading(figure, "suite: a title")
    save_figure(figure, "salt", line, tmp_path / "a")
    svg = ElementTree.fromstring((tmp_path / "a.svg").read_text(encoding="utf-8"))
    said = [element.text for element in svg.iter()]
    assert line in said
    assert "suite: a title" in said
    assert f"signature {short_pin(line)}" in said
    png = (tmp_path / "a.png").read_bytes()
    assert line.encode() in png
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "P"
        assert {(255, 255, 255), (0, 0, 0)} <= {colour for _, colour in image.convert("RGB").getcolors(1 << 24)}
    assert short_pin(line) in signature_line(line)


def test_what_is_crowded_is_found() -> None:
    """These tests would fail: names over one another, a title that runs out of the picture."""
    figure = Figure(figsize=(WIDTH, 2), layout="constrained")
    panel = figure.subplots()
    panel.set_xticks(range(24), [f"{LONG}-{number}" for number in range(24)])
    assert any("overlaps" in fault for fault in faults_of(figure))
    figure = Figure(figsize=(2, 2), layout="constrained")
    figure.suptitle(f"{LONG} is cut off")
    assert faults_of(figure) == [f"'{LONG} is cut off' is cut off"]


def test_panels_lie_at_rounded_places() -> None:
    """The solver's last digits are another in every run; the bytes of an SVG would be, too."""
    figure = Figure(figsize=(WIDTH, 2), layout="constrained")
    figure.subplots(2, 3)
    settle(figure)
    places = [float(each) for panel in figure.axes for each in panel.get_position().extents]
    assert places == [round(each, 6) for each in places]


def test_a_note_makes_no_picture_wider(tmp_path: Path) -> None:
    """And the same figure gives the same bytes."""
    saved = []
    for note in ("", "signature|" * 200, "signature|" * 200):
        figure = Figure(figsize=(WIDTH, 2), layout="constrained")
        figure.subplots().plot([1, 2])
        set_heading(figure, "demo: " + "a long title " * 20, [Line2D([], [], label=LONG) for _ in range(36)])
        assert faults_of(figure) == []
        save_figure(figure, "salt", note, tmp_path / "a")
        saved.append([(tmp_path / f"a.{suffix}").read_bytes() for suffix in ("png", "svg")])
    short, long = (int.from_bytes(png[16:20], "big") for png, _ in saved[:2])
    assert long <= short + 2
    assert saved[1] == saved[2]
