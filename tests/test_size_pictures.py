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
from bench.reporting.figures.label_placement import side_by_side, spread
from bench.reporting.figures.size_axes import steps_of
from bench.reporting.figures.size_panel import LANGUAGES, LINE, Look, draw_curve
from bench.reporting.figures.style import mark_of
from bench.suite import ArmSpec, Suite

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


def test_equal_places_stand_side_by_side_and_pass_no_other() -> None:
    assert side_by_side([10, 100, 10], 1.1) == pytest.approx([10 / 1.1**0.5, 100, 10 * 1.1**0.5])
    crowded = side_by_side([10, 10, 10, 10, 11], 1.5)
    assert max(crowded[:4]) < 11 == crowded[4]
    assert side_by_side([10, 10], 1.5) == pytest.approx([10 / 1.5**0.5, 10 * 1.5**0.5])


def test_styles_are_told_apart() -> None:
    assert len({mark_of(number) for number in range(49)}) == 49
    assert len({mark_of(number, LANGUAGES) for number in range(42)}) == 42


def test_lines_join_every_training_seed_with_the_next_size() -> None:
    nothing = Estimate(0, 0, 0)
    points = [(place, SizePoint(f"a{place}", size, nothing, {})) for place, size in ((1, 5), (2, 5), (3, 9), (4, 12))]
    joined = [(here[0], there[0]) for here, there in steps_of(points)]
    assert joined == [(1, 3), (2, 3), (3, 4)]


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
