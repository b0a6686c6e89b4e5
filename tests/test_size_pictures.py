"""Pictures of costs over size: every language and published point is named, and no name hides another."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from bench.analysis.frontier import Trade
from bench.analysis.published import PARAMETERS, PublishedClaim, read_claims
from bench.analysis.size_curves import Estimate, SizeCurve, SizePoint
from bench.reporting.figures.frontier import panels_of
from bench.reporting.figures.label_placement import DISTANCES, FAR, Box, place_beside, spread
from bench.reporting.figures.size_axes import band_of, is_flat
from bench.reporting.figures.size_curve import draw_curves
from bench.reporting.figures.size_languages import draw_by_language
from bench.reporting.figures.size_panel import LANGUAGES, LINE, Look, draw_curve
from bench.reporting.figures.style import mark_of
from bench.reporting.figures.trade_panels import draw_trades
from bench.suite import ArmSpec, Suite
from tests.pictures import LONG, faults_of, texts_of
from tests.pictures import make_suite as suite_of_pictures

CLAIMS = [
    claim
    for claim in read_claims(Path(__file__).parents[1] / "results")
    if claim.statistic == "median cost" and claim.unit == "points of WER"
]


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.floats(0.01, 3))
def test_spread_keeps_the_order_and_the_gap(values: list[float], gap: float) -> None:
    """All inside; as far apart as there is room for."""
    found = spread(values, gap, -11, 11)
    assert all(-11 - 1e-9 <= place <= 11 + 1e-9 for place in found)
    ordered = sorted(zip(values, found, strict=True))
    expected = min(gap, 22 / max(1, len(values) - 1))
    assert all(after - before >= expected - 1e-6 for (_, before), (_, after) in pairwise(ordered))


def test_spread_moves_nothing_that_has_room() -> None:
    assert spread([3.0, 0.0, 5.0], 1, -1, 6) == pytest.approx([3.0, 0.0, 5.0])
    assert spread([2.0, 2.0], 1, 0, 4) == pytest.approx([1.5, 2.5])


@given(st.lists(st.tuples(st.floats(20, 280), st.floats(20, 180)), min_size=1, max_size=12))
def test_labels_hide_nothing_where_there_is_room(points: list[tuple[float, float]]) -> None:
    """Inside and over no other label; over a mark only where all free places are far; the nearest place first."""
    room, marks = Box(0, 0, 300, 200), [Box(x - 2, y - 2, x + 2, y + 2) for x, y in points]
    placed = place_beside(points, [(30.0, 8.0)] * len(points), marks, room)
    for number, box in enumerate(placed):
        assert (box.right - box.left, box.high - box.low) == pytest.approx((30, 8))
        assert box.shared(room) == pytest.approx(box.area)
        assert sum(box.shared(other) for other in placed[:number]) == pytest.approx(0, abs=1e-6)
        assert sum(box.shared(mark) for mark in marks) < FAR * max(DISTANCES)
    (x, y), first = points[0], placed[0]
    if len(points) == 1 and x < 240:
        assert (first.left, (first.low + first.high) / 2) == pytest.approx((x + 5, y))


def test_a_label_without_room_hides_the_least() -> None:
    room = Box(0, 0, 40, 10)
    (box,) = place_beside([(20, 5)], [(30, 8)], [Box(0, 0, 40, 10)], room)
    assert box.shared(room) > 0


def test_styles_are_told_apart() -> None:
    assert len({mark_of(number) for number in range(49)}) == 49
    assert len({mark_of(number, LANGUAGES) for number in range(42)}) == 42


def test_training_seeds_are_a_band() -> None:
    """The mean of theirs, every one of them, and the outermost ends of their intervals; at the true size."""
    costs = [Estimate(1, 0, 2), Estimate(3, 2.5, 9), Estimate(-1, -2, 0)]
    points = [
        SizePoint(f"a{place}", size, cost, {}) for place, (size, cost) in enumerate(zip((5, 5, 9), costs, strict=True))
    ]
    band = band_of(points, lambda point: point.median)
    assert band.sizes == (5e-6, 9e-6)
    assert band.means == (2, -1)
    assert band.seeds == ((1, 3), (-1,))
    assert (band.low, band.high) == ((0, -2), (9, 0))


@pytest.mark.parametrize("languages", [1, 3, 11, 24])
def test_curves_are_legible_and_show_no_panel_of_nothing(languages: int) -> None:
    suite = suite_of_pictures(languages, 1)
    names = list(suite.languages)
    flat = SizeCurve("lossless", "wer", _flat_points(names), None)
    assert is_flat(flat)
    curve = _curve(names, 3)
    assert not is_flat(curve)
    for figure in (draw_curves(suite, [curve, flat], CLAIMS), draw_by_language(suite, [curve, flat])):
        if figure is None:
            assert languages == 1
            continue
        assert faults_of(figure) == []
        texts = [text for text, _ in texts_of(figure)]
        assert any("no difference at any size: lossless" in text for text in texts)
        assert not any(text.startswith("lossless") for text in texts)
    alone = draw_curves(suite, [flat], [])
    assert any(text.startswith("lossless") for text, _ in texts_of(alone))


def _flat_points(names: list[str]) -> tuple[SizePoint, ...]:
    nothing = Estimate(0, 0, 0)
    return tuple(SizePoint(size, PARAMETERS[size], nothing, dict.fromkeys(names, nothing)) for size in PARAMETERS)


@pytest.mark.parametrize(("arms", "largest"), [(1, 3.0), (6, 0.0), (6, 200.0), (36, 20.0)])
def test_a_frontier_names_every_point(arms: int, largest: float) -> None:
    """With what it saves, over no other; costs that are all nothing, and caches that are all alike, too."""
    trades = [Trade("control", None, 1e6, Estimate(0, 0, 0), dominated=True)]
    trades += [
        Trade(
            f"{LONG[:12]}-{place}",
            "control",
            1e6 if largest == 0 else 1e6 - 2e4 * place,
            Estimate(largest * place / arms, -1, largest + 1),
            dominated=bool(place % 2),
        )
        for place in range(arms)
    ]
    figure = draw_trades("a title", "decode cache, MiB", {("control", "wer"): trades, ("control", "cer"): trades})
    assert faults_of(figure) == []
    texts = [text for text, _ in texts_of(figure)]
    for trade in trades:
        assert sum(text.split()[0] == trade.arm for text in texts) == 2
    if largest == 200:
        assert any("logarithmic beyond 20 points" in text for text in texts)


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("languages", [1, 2, 9, 24])
def test_every_name_can_be_read(languages: int, seeds: int) -> None:
    """Costs that are all alike are the worst case."""
    names = [f"l{number}" for number in range(languages)]
    curve, claims = _curve(names, seeds), CLAIMS
    height = max(2.1, 1.4 * LINE * languages)
    texts = _texts(curve, Look(height, names, claims), height)
    published = {"tiny (11, 24)", "base (11)", "base (24)", "small (11)", "small (24)"}
    assert set(texts) == published | (set(names) if languages > 1 else set())
    of_names = [texts[name] for name in names if name in texts]
    assert not any(one.overlaps(other) for one, other in combinations(of_names, 2))
    assert not any(one.overlaps(other) for one, other in combinations([texts[name] for name in published], 2))


def _curve(names: list[str], seeds: int) -> SizeCurve:
    cost = Estimate(0.5, 0.2, 0.8)
    arms = [(f"{size}-{seed}", size) for size in PARAMETERS for seed in range(seeds if size == "tiny" else 1)]
    points = [SizePoint(arm, PARAMETERS[size], cost, dict.fromkeys(names, cost)) for arm, size in arms]
    return SizeCurve("f", "wer", tuple(points), Estimate(-0.6, -0.9, -0.3))


def _texts(curve: SizeCurve, look: Look, height: float) -> dict[str, Bbox]:
    """What stands in a panel of that height, and where."""
    figure = Figure(figsize=(3.1, height))
    canvas = FigureCanvasAgg(figure)
    panel = figure.add_axes((0, 0, 1, 1))
    draw_curve(panel, curve, look)
    canvas.draw()
    return {text.get_text(): text.get_window_extent() for text in panel.texts}


def test_published_points_are_of_wer_alone() -> None:
    curve = _curve(["a", "b"], 1)
    by_characters = SizeCurve(curve.family, "cer", curve.points, curve.slope)
    claims: list[PublishedClaim] = CLAIMS
    assert set(_texts(by_characters, Look(2, ["a", "b"], claims), 2)) == {"a", "b"}


def test_a_frontier_is_of_one_control_and_one_training_seed() -> None:
    """Costs against different controls say nothing of one another."""
    arms = [ArmSpec(name="control", model="m", seed=seed) for seed in (0, 1)]
    arms += [ArmSpec(name="cut", model="m", seed=seed, control="control") for seed in (0, 1)]
    arms += [ArmSpec(name="alone", model="m")]
    suite = Suite.model_validate({"name": "s", "languages": ["en"], "arms": arms, "corpus": {"kind": "manifest"}})
    trades = [Trade(arm.id, arm.control, 10.0, Estimate(0, 0, 0), dominated=False) for arm in arms]
    panels = panels_of(suite, {"wer": trades})
    assert {key: [trade.arm for trade in group] for key, group in panels.items()} == {
        ("control#0", "wer"): ["control#0", "cut#0"],
        ("control#1", "wer"): ["control#1", "cut#1"],
    }
