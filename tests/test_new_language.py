"""A language that was not measured: its cost lies where it is said to lie; what is known to fail is caught."""

from dataclasses import asdict
from itertools import product
from math import inf, nan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from bench.calibration.new_language import LANGUAGES, SETTINGS, SPREADS, TAUS, Setting, study
from bench.comparing import Comparison, NewLanguage
from bench.comparing.new_language import foresee_costs
from bench.reporting.card import render_block
from bench.reporting.explorer.arms import verdict_lines
from bench.reporting.tables.costs import render_table
from bench.reporting.text.new_language import new_language_lines
from bench.stats import RandomEffects, random_effects
from tests.cards import make_records, make_suite
from tests.flat import make_measurements, make_results

RECORD = Path(__file__).parents[1] / "results" / "calibration" / "new_language.csv"
SUITES = 500
ESTIMATES = st.lists(st.tuples(st.floats(-20, 20), st.floats(0.1, 5)), min_size=3, max_size=12)


def split(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    values = np.array(pairs)
    return values[:, 0], values[:, 1]


def q(tau_squared: float, effects: np.ndarray, errors: np.ndarray) -> float:
    """Cochran's, at any tau^2."""
    weights = 1 / (errors**2 + tau_squared)
    mean = np.average(effects, weights=weights)
    return float((weights * (effects - mean) ** 2).sum())


def solved(target: float, effects: np.ndarray, errors: np.ndarray) -> float:
    """The tau^2 at which Q is the target; 0 where it is below that already."""
    if q(0, effects, errors) <= target:
        return 0.0
    return float(optimize.brentq(lambda t: q(t, effects, errors) - target, 0, 1e6, xtol=1e-12))


@settings(max_examples=60, deadline=None)
@given(ESTIMATES)
def test_the_summary_by_its_equations(pairs: list[tuple[float, float]]) -> None:
    """Paule and Mandel's by a root finder; the standard error is Knapp and Hartung's where that is above the plain."""
    effects, errors = split(pairs)
    k, found = len(effects), random_effects(list(effects), list(errors))
    tau_squared = solved(k - 1, effects, errors)
    assert found.tau**2 == pytest.approx(tau_squared, abs=1e-3, rel=1e-3)
    weights = 1 / (errors**2 + found.tau**2)
    mean = np.average(effects, weights=weights)
    hartung = (weights * (effects - mean) ** 2).sum() / (k - 1) / weights.sum()
    expected = sqrt(max(hartung, 1 / weights.sum()))
    assert (found.mean.value, found.mean.standard_error) == pytest.approx((mean, expected))
    assert found.mean.high - mean == pytest.approx(stats.t.isf(0.025, k - 1) * expected)
    assert (found.i2 == 0) == (found.tau == 0)
    assert 0 <= found.i2 < 1


def test_estimates_that_agree_are_no_surer_than_their_standard_errors() -> None:
    """Knapp and Hartung's own interval would shrink to nothing."""
    found = random_effects([2.0] * 4, [0.5] * 4)
    assert (found.tau, found.i2, found.mean.value) == (0, 0, 2)
    assert found.mean.standard_error == pytest.approx(0.25)
    assert found.prediction == pytest.approx((2 - 0.25 * stats.norm.isf(0.02), 2 + 0.25 * stats.norm.isf(0.02)))


def test_i2_is_the_share_that_is_not_sampling() -> None:
    """Of equal standard errors s: tau^2 / (tau^2 + s^2), and tau^2 the variance of the estimates minus s^2."""
    effects = [0.0, 1.0, 2.0, 5.0]
    found = random_effects(effects, [0.5] * 4)
    assert found.tau**2 == pytest.approx(np.var(effects, ddof=1) - 0.25, rel=1e-4)
    assert found.i2 == pytest.approx(1 - 0.25 / np.var(effects, ddof=1), rel=1e-4)


@pytest.mark.parametrize("k", [3, 5, 11, 24])
def test_without_errors_another_value_is_predicted_as_of_a_normal_sample(k: int) -> None:
    effects = np.random.default_rng(k).normal(size=k)
    half = stats.t.isf(0.02, k - 1) * effects.std(ddof=1) * sqrt(1 + 1 / k)
    found = random_effects(list(effects), [1e-3] * k).prediction
    assert found == pytest.approx((effects.mean() - half, effects.mean() + half), abs=2e-3 * half)


def test_the_prediction_by_drawing_what_tau_may_be() -> None:
    effects, errors = np.array([0.5, -1.2, 2.1, 0.3, 3.0, 0.9]), np.array([0.4, 1.0, 0.7, 0.3, 0.9, 0.6])
    drawn = np.array([solved(target, effects, errors) for target in stats.chi2.ppf((np.arange(500) + 0.5) / 500, 5)])
    weights = 1 / (errors**2 + drawn[:, None])
    means, deviations = weights @ effects / weights.sum(axis=1), np.sqrt(drawn + 1 / weights.sum(axis=1))
    low, high = random_effects(list(effects), list(errors)).prediction
    below = [stats.norm.cdf((end - means) / deviations).mean() for end in (low, high)]
    assert below == pytest.approx([0.02, 0.98], abs=5e-4)


@settings(max_examples=40, deadline=None)
@given(ESTIMATES, st.floats(-50, 50), st.sampled_from([0.01, 0.5, 100.0]))
def test_units_and_order_do_not_matter(pairs: list[tuple[float, float]], shift: float, scale: float) -> None:
    def ends(found: RandomEffects) -> np.ndarray:
        return np.array([*found.prediction, *found.mean.interval])

    effects, errors = split(pairs)
    plain = ends(random_effects(list(effects), list(errors)))
    moved = ends(random_effects(list(scale * (effects[::-1] + shift)), list(scale * errors[::-1])))
    assert moved == pytest.approx(scale * (plain + shift), rel=1e-5, abs=1e-4 * scale)


@pytest.mark.parametrize(("estimates", "errors"), [([1, 2], [1, 1]), ([1, 2, 3], [1, 0, 1]), ([1, 2, 3], [1, nan, 1])])
def test_too_little_is_refused(estimates: list[float], errors: list[float]) -> None:
    with pytest.raises(ValueError, match="3 groups at least, each with a standard error above zero"):
        random_effects(estimates, errors)


@pytest.fixture(scope="module")
def shares() -> pd.DataFrame:
    """How often each interval holds the cost of a language more."""
    chosen = [Setting("normal", 8, 0.5, False), Setting("t3", 24, 2.0, False), Setting("normal", 5, 0.0, False)]
    return study(chosen, SUITES, lambda: None).set_index(["spread", "languages"])


@pytest.mark.parametrize("setting", [("normal", 8), ("t3", 24)])
def test_the_interval_holds_another_language(shares: pd.DataFrame, setting: tuple[str, int]) -> None:
    """Within three standard errors of 93 to 97 %."""
    error = 3 * sqrt(0.93 * 0.07 / SUITES)
    assert 0.93 - error < shares.loc[setting, "interval"] < 0.97 + error


@pytest.mark.parametrize(("setting", "faulty"), [(("normal", 8), "one_tau"), (("normal", 8), "of_mean")])
def test_faulty_intervals_are_caught(shares: pd.DataFrame, setting: tuple[str, int], faulty: str) -> None:
    """One tau taken for the true one; the mean's interval taken for another language's."""
    assert shares.loc[setting, faulty] < 0.93 - 3 * sqrt(0.93 * 0.07 / SUITES)


def test_of_languages_that_are_alike_it_holds_more(shares: pd.DataFrame) -> None:
    assert shares.loc[("normal", 5), "interval"] > 0.98
    assert shares.loc[("normal", 5), "tau_is_zero"] > 0.5


def test_the_committed_record_is_complete() -> None:
    record = pd.read_csv(RECORD)
    assert list(map(tuple, record[list(asdict(SETTINGS[0]))].to_numpy())) == [tuple(vars(s).values()) for s in SETTINGS]
    known = record[~record["estimated"]]
    assert len(known) == len(SPREADS) * len(LANGUAGES) * len(TAUS)
    for spread, least in (("normal", 0.945), ("t3", 0.93)):
        held = record[(record["spread"] == spread) & (record["tau"] > 0)]["interval"]
        assert least <= held.min() <= held.max() <= 0.97
    assert record[record["tau"] == 0]["interval"].min() > 0.99
    assert known[known["tau"] == 0.5]["one_tau"].max() < 0.95


def row_of(language: str, delta: float, error: float, **changes: Any) -> dict[str, Any]:
    """A comparison of 100 clips, of which 20 changed."""
    row = {"arm": "mla", "control": "control", "language": language, "clips": 100, "changed": 20.0}
    row |= {"delta": delta, "standard_error": error, "low": delta - 2 * error, "high": delta + 2 * error}
    row |= {"capped_delta": delta / 2, "capped_standard_error": error / 2, "capped_low": -1.0, "capped_high": 1.0}
    return row | changes


def foresee(*rows: dict[str, Any]) -> list[NewLanguage]:
    return foresee_costs([row for row in make_measurements(rows) if isinstance(row, Comparison)])


SURE = [row_of("en", 1.0, 0.5), row_of("de", 2.0, 0.7), row_of("es", 4.0, 0.6)]


def test_it_is_of_clean_primary_costs_that_are_no_floors() -> None:
    others = [row_of("fr", 90.0, 1.0, floor=True), row_of("it", 50.0, 1.0, condition="white@10")]
    others += [row_of("tr", 70.0, nan, low=nan, high=nan), row_of("en", 30.0, 1.0, metric="cer")]
    raw, capped = foresee(*SURE, *others)
    assert (raw.languages, raw.floors, raw.unknown, raw.assumed) == (("en", "de", "es"), ("fr",), ("tr",), ())
    expected = random_effects([1.0, 2.0, 4.0], [0.5, 0.7, 0.6])
    assert (raw.mean, raw.tau, raw.i2) == (expected.mean, expected.tau, 100 * expected.i2)
    assert (raw.prediction, raw.capped, capped.capped) == (expected.prediction, False, True)
    assert capped.prediction == random_effects([0.5, 1.0, 2.0], [0.25, 0.35, 0.3]).prediction


def test_metrics_and_arms_stand_apart_and_two_languages_are_too_few() -> None:
    thai = [row_of(language, 1.0, 0.5, metric="cer", primary=True) for language in ("th", "zh")]
    other = [row | {"arm": "cut"} for row in SURE]
    found = foresee(*SURE, *thai, *other)
    assert [(row.arm, row.metric, row.capped) for row in found] == [
        (arm, metric, capped)
        for arm, metric in (("mla", "wer"), ("mla", "cer"), ("cut", "wer"))
        for capped in (False, True)
    ]
    assert [row.is_determined for row in found] == [True, True, False, False, True, True]


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_language_that_hardly_changed_gets_what_a_clip_more_would_give_it(changed: int) -> None:
    """It has an estimate and no standard error worth the name."""
    cost = 0.1 * changed
    few = row_of("fr", cost, cost, changed=float(changed), low=-inf if changed else 0.0, high=inf if changed else 0.0)
    raw, _ = foresee(*SURE, few)
    of_a_change = (0.5**2 + 0.7**2 + 0.6**2) * 100**2 / 60
    assumed = max(cost, sqrt((changed + 1) * of_a_change) / 100)
    assert (raw.languages, raw.assumed) == (("en", "de", "es", "fr"), ("fr",))
    assert raw.prediction == random_effects([1.0, 2.0, 4.0, cost], [0.5, 0.7, 0.6, assumed]).prediction


def test_where_nothing_changed_nothing_is_said() -> None:
    same = [row_of(language, 0.0, 0.0, changed=0.0, low=0.0, high=0.0) for language in ("en", "de", "es", "fr")]
    raw, _ = foresee(*same)
    assert (raw.is_determined, raw.assumed) == (False, raw.languages)


def draw_language(rng: np.random.Generator, clips: int = 300) -> tuple[float, dict[str, Any]]:
    """Its true cost, and what is measured: hardly any clip changes, or three in ten, three quarters to the worse."""
    share, words = rng.choice([0.003, 0.3]), 9.5
    changed = int(rng.binomial(clips, share))
    differences = np.zeros(clips)
    differences[:changed] = (1 + rng.poisson(0.4, changed)) * np.where(rng.random(changed) < 0.75, 1, -1)
    cost, error = 100 * differences.mean() / words, 100 * differences.std(ddof=1) / sqrt(clips) / words
    ends = {"low": -inf, "high": inf} if changed < 3 else {}
    return 70 * share / words, row_of("xx", cost, error, clips=clips, changed=100 * changed / clips, **ends)


def test_leaving_out_languages_that_hardly_changed_would_miss_those_like_them() -> None:
    rng = np.random.default_rng(0)
    held: dict[str, list[bool]] = {"assumed": [], "left out": []}
    for _ in range(100):
        *drawn, (true, _) = [draw_language(rng) for _ in range(9)]
        rows = [row | {"language": f"l{number}"} for number, (_, row) in enumerate(drawn)]
        for rule, chosen in (("assumed", rows), ("left out", [row for row in rows if np.isfinite(row["high"])])):
            found = foresee(*chosen)
            if found and found[0].is_determined:
                held[rule].append(found[0].prediction.low <= true <= found[0].prediction.high)
    assert np.mean(held["assumed"]) > 0.93
    assert np.mean(held["left out"]) < 0.85


def lines_of(*rows: dict[str, Any]) -> list[str]:
    made = make_results(rows, new_languages=tuple(foresee(*rows)))
    return list(new_language_lines(made.of("mla")))


def test_one_line_says_it() -> None:
    expected = random_effects([1.0, 2.0, 4.0], [0.5, 0.7, 0.6])
    low, high = (f"{end:+.2f}".replace("-", "−") for end in expected.prediction)
    (line,) = lines_of(*SURE)
    spread = f"tau {expected.tau:.2f}, I² {100 * expected.i2:.0f} %"
    assert line == (
        f"in a language not measured, with 95 %: between {low} and {high} points ({spread}, 3 languages counted by "
        "words)"
    )


def test_what_was_left_out_or_assumed_is_named_and_runaways_bring_the_capped_cost() -> None:
    few = row_of("fr", 0.0, 0.0, changed=0.0, low=0.0, high=0.0)
    floor, unknown = row_of("ka", 90.0, 1.0, floor=True), row_of("tr", 1.0, nan, low=nan, high=nan)
    thai = row_of("th", 1.0, 0.5, metric="cer", primary=True)
    words, characters = lines_of(*SURE[:2], SURE[2] | {"runaways": 1}, few, floor, unknown, thai)
    assert "; with each clip's errors capped at its length, between " in words
    assert words.endswith(
        "; floor rows left out (ka); too few changes for a standard error of their own (fr); left out, without a "
        "standard error (tr)"
    )
    assert characters == (
        "in a language not measured, counted by characters: not determined, for 3 languages with a standard error are "
        "needed (1 here)"
    )
    (calm,) = lines_of(*SURE, row_of("ka", 90.0, 1.0, floor=True, runaways=9))
    assert "capped" not in calm


def test_table_card_page_and_records_say_it(tmp_path: Path) -> None:
    suite = make_suite(languages=["en", "de", "es", "th"])
    found = make_records(suite, tmp_path)
    arm = found.results.of("mla")
    assert [(row.metric, row.capped) for row in arm.new_languages] == list(product(("wer", "cer"), (False, True)))
    assert arm.new_languages[0].is_determined
    words, characters = new_language_lines(arm)
    assert f"- {words}" in render_table(suite, found.results).splitlines()
    card = render_block(found, suite.arms[1])
    assert f"\n- I{words[1:]}.\n- I{characters[1:]}.\n" in card
    assert "tau: standard deviation of true costs" in card
    (told,) = verdict_lines(found)
    assert f" I{words[1:]}. I{characters[1:]}." in told
