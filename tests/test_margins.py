"""Bounds of a capped cost: against Clopper and Pearson, by property, and how often they are wrong."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.calibration.claims import changed_table
from bench.stats import PairedSums
from bench.stats.margins import CappedCost, bound_capped_cost, draw_clusters, effective_clusters, independent_units

MARGIN = 0.01


def lost(changed: int, units: int) -> PairedSums:
    """Units of one length, of which some are lost as a whole."""
    return PairedSums(np.zeros(units), np.repeat([1.0, 0.0], [changed, units - changed]), np.ones(units))


def bound(sums: PairedSums, clips: list[int] | None = None, draws: int = 2000) -> CappedCost:
    clips = clips or [1] * sums.clusters
    return bound_capped_cost(sums, clips, draw_clusters(clips, draws, np.random.default_rng(0)))


@pytest.mark.parametrize("units", [2, 30, 299, 1500])
def test_nothing_changed_is_exact(units: int) -> None:
    made = bound(lost(0, units))
    assert made.cost == 0
    assert made.upper() == pytest.approx(1 - 0.05 ** (1 / units), abs=1e-12)
    assert made.lower() == pytest.approx(-made.upper(), abs=1e-12)
    assert made.p_above(MARGIN) == pytest.approx((1 - MARGIN) ** units)
    assert (made.p_above(MARGIN) <= 0.05) == (units >= 299)


@pytest.mark.parametrize("units", [30, 300, 1500])
@pytest.mark.parametrize("changed", [1, 2, 3, 5])
def test_units_lost_as_a_whole_have_clopper_and_pearsons_bound(units: int, changed: int) -> None:
    exact = stats.beta.isf(0.05, changed + 1, units - changed)
    assert bound(lost(changed, units), draws=8000).upper() == pytest.approx(exact, rel=0.07)


def test_many_changed_units_have_students_bound() -> None:
    rng = np.random.default_rng(1)
    sums = PairedSums(np.zeros(400), rng.normal(0.02, 0.1, 400), np.ones(400))
    clips = [5] * 400
    made = bound(sums, clips, draws=8000)
    half = stats.t.isf(0.05, 399) * sums.standard_error
    assert made.lower() < sums.delta - half < sums.delta + half < made.upper()
    assert made.upper() == pytest.approx(sums.delta + half, abs=3 / independent_units(clips))


def test_a_cost_of_few_speakers_is_worth_few_units() -> None:
    assert independent_units([1] * 300) == pytest.approx(300)
    assert independent_units([15, 15]) == pytest.approx(30 / 2.4)
    assert independent_units([5] * 300) == pytest.approx(1500 / 1.4)
    assert effective_clusters([4, 4, 4]) == pytest.approx(3)
    assert effective_clusters([10_000, 1, 1]) == pytest.approx(1, abs=1e-3)
    assert bound(lost(0, 2), [15, 15]).upper() == pytest.approx(1 - 0.05 ** (2.4 / 30))


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=30), st.integers(0, 29), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_another_error_never_lowers_a_bound(errors: list[int], where: int, more: int) -> None:
    before = np.array(errors, dtype=float)
    after = before.copy()
    after[where % len(errors)] = min(4, after[where % len(errors)] + more)
    length = np.full(len(errors), 4.0)
    low, high = (bound(PairedSums.of_differences(values, length), draws=300) for values in (before, after))
    assert high.upper() >= low.upper() - 1e-9
    assert high.p_above(MARGIN) >= low.p_above(MARGIN) - 1e-9
    assert high.lower() >= low.lower() - 1e-9


@given(st.integers(2, 12), st.integers(0, 12), st.integers(1, 200))
@settings(max_examples=40, deadline=None)
def test_p_and_bound_say_the_same(units: int, changed: int, permille: int) -> None:
    made, margin = bound(lost(min(changed, units), units), draws=300), permille / 1000
    if abs(made.upper() - margin) > 1e-9:
        assert (made.p_above(margin) <= 0.05) == (made.upper() < margin)


def test_nothing_to_resample_bounds_nothing() -> None:
    one = bound(lost(0, 1))
    empty = bound(PairedSums(np.zeros(3), np.zeros(3), np.zeros(3)))
    for made in (one, empty):
        assert np.isnan([made.upper(), made.lower(), made.p_above(MARGIN), made.p_below(MARGIN)]).all()


@pytest.mark.parametrize("runaways", [0.0, 0.001, 0.01])
def test_a_cost_at_the_margin_is_seldom_within_it(runaways: float) -> None:
    """1,500 clips of 300 speakers; five standard errors above 5 %. The normal bound is wrong far more often."""
    wrong, naive = [], []
    for run in range(200):
        rng = np.random.default_rng([7, run])
        share = (MARGIN - runaways) / (1 - runaways)
        changed = rng.random((300, 5)) < runaways
        wrong_words = rng.binomial(10, np.full((300, 5), share) * rng.gamma(10, 0.1, (300, 1)))
        errors = np.where(changed, 10.0, wrong_words)
        sums = PairedSums(np.zeros(300), errors.sum(axis=1), np.full(300, 50.0))
        made = bound_capped_cost(sums, [5] * 300, draw_clusters([5] * 300, 300, rng))
        wrong.append(made.p_above(MARGIN) <= 0.05)
        naive.append(sums.delta + stats.norm.isf(0.05) * sums.standard_error < MARGIN)
    assert np.mean(wrong) <= 0.05 + 5 * np.sqrt(0.05 * 0.95 / 200)
    if runaways == 0.01:
        assert np.mean(naive) > np.mean(wrong)


def test_the_records_figures_are_in_their_ranges_and_told() -> None:
    """What results/calibration and the pages say of "within" and of nothing changed is what the records have."""
    root = Path(__file__).parents[1]
    folder = root / "results" / "calibration"
    found = pd.read_csv(folder / "claims.csv")
    text = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    at = 100 * found[found["true_cost"] == 1.0]
    assert at["within_alone"].max() <= 5.5
    assert at["any_of_eleven"].max() <= 6
    alone, family = at["within_alone"], at["any_of_eleven"]
    assert f"said in {alone.min():.1f} to {alone.max():.1f} % of corpora" in text
    assert f"of eleven languages in {family.min():.0f} to {family.max():.1f} % of families" in text
    power = 100 * found[found["true_cost"] == 0.0].set_index("control_rate")["within_alone"]
    assert power[10.0] >= 90
    said = "{:.0f} % of corpora at a WER of 10 %, in {:.0f} % at 15 % and in {:.0f} % at 30 %"
    assert said.format(*power[[10.0, 15.0, 30.0]]) in text
    changed = list(changed_table())
    kept = pd.read_csv(folder / "changed.csv").to_dict("records")
    assert [row["verdict"] for row in changed] == [row["verdict"] for row in kept]
    page = " ".join((root / "docs" / "tutorials" / "read-a-card.md").read_text(encoding="utf-8").split())
    nothing = [100 * bound(lost(0, units)).interval.high for units in (1500, 300, 30)]
    told = "{:.2f} points for 1,500 clips that are independent, {:.1f} for 300, {:.0f} for 30".format(*nothing)
    assert told in page
