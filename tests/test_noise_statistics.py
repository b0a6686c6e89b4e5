"""Costs in noise: contrasts against brute force, thresholds against known curves, and simulated arms without effect."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from bench.calibration.noise import COSTS, try_cell
from bench.stats import (
    PairedSums,
    Totals,
    bootstrap_log_contrasts,
    bootstrap_log_ratios,
    crossing,
    falling,
    resample_weights,
    threshold_shift,
)

SNR = np.array([-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 30.0])


def test_a_ratio_of_ratios_by_brute_force() -> None:
    rng = np.random.default_rng(0)
    x = rng.poisson(20, size=(30, 4)).astype(float) + 1
    signs = np.array([1, -1, -1, 1])
    weights = resample_weights(30, 400, rng)
    (made,) = bootstrap_log_contrasts([Totals(x)], list(signs), weights)
    assert made.estimate == pytest.approx(np.log(x.sum(axis=0)) @ signs)
    for b in range(400):
        totals = weights[b] @ x
        influence = (x / totals) @ signs
        se = np.sqrt(30 / 29 * (weights[b] @ influence**2))
        shift = np.log(totals) @ signs - made.estimate
        assert made.shifts[b] == pytest.approx(shift, abs=1e-12)
        assert round(abs(shift) / se, 6) in np.round(made.t, 6)


def test_a_ratio_is_the_contrast_of_two() -> None:
    rng = np.random.default_rng(1)
    sums = PairedSums(*(rng.poisson(9, size=20).astype(float) for _ in range(3)))
    weights = resample_weights(20, 100, rng)
    (ratio,) = bootstrap_log_ratios([sums], weights)
    arms = Totals(np.stack([sums.control, sums.converted], axis=1))
    (contrast,) = bootstrap_log_contrasts([arms], (-1, 1), weights)
    assert contrast.estimate == pytest.approx(ratio.estimate)
    assert contrast.interval() == pytest.approx(ratio.interval())


def test_an_arm_without_errors_has_no_ratio() -> None:
    x = np.ones((5, 4))
    x[:, 2] = 0
    (made,) = bootstrap_log_contrasts([Totals(x)], (1, -1, -1, 1), resample_weights(5, 50, np.random.default_rng(0)))
    assert np.isnan(made.p)


@given(st.lists(st.floats(0, 150), min_size=7, max_size=7))
@settings(max_examples=60, deadline=None)
def test_curves_fall_and_are_the_nearest_that_do(rates: list[float]) -> None:
    curve = falling(np.array([rates]))[0]
    assert (np.diff(curve) <= 1e-9).all()
    assert curve == pytest.approx(isotonic_regression(rates, increasing=False).x)


def logistic(shift: float) -> np.ndarray:
    return 100 / (1 + np.exp((SNR - 5 - shift) / 4))


def test_a_crossing_lies_between_its_rungs() -> None:
    rates = np.stack([logistic(0), logistic(3)])
    at = crossing(SNR, rates, np.array([50.0, 50.0]))
    assert at[0] == pytest.approx(5)  # 50 % at 5 dB, a rung
    exact = np.interp(50, rates[1][::-1], SNR[::-1])
    assert at[1] == pytest.approx(exact)
    assert crossing(SNR, rates, np.array([99.0, 0.01])).tolist() == [-np.inf, np.inf]


def test_a_shift_of_curves_is_found_and_covered() -> None:
    """Binomial errors of 40 speakers on two curves 2 dB apart: the interval covers it about as often as it says."""
    rng = np.random.default_rng(3)
    words, covered, runs = 60, 0, 200
    truth = None
    for _ in range(runs):
        difficulty = rng.normal(0, 0.4, size=(40, 1))
        true = [1 / (1 + np.exp((SNR - 5 - shift) / 4 - difficulty)) for shift in (0, 2)]
        control, converted = (rng.binomial(words, rates).astype(float) for rates in true)
        clean = rng.binomial(words, 0.1, size=40).astype(float)
        length = np.full(40, float(words))
        found = threshold_shift(SNR, control, converted, clean, length, resample_weights(40, 400, rng))
        if truth is None:
            curves = [
                np.mean([1 / (1 + np.exp((SNR - 5 - s) / 4 - d)) for d in rng.normal(0, 0.4, 4000)], axis=0)
                for s in (0, 2)
            ]
            crossed = crossing(SNR, np.stack(curves), np.full(2, 0.2))
            truth = crossed[1] - crossed[0]
        covered += found.low <= truth <= found.high
    assert truth == pytest.approx(2, abs=0.3)
    assert 0.90 <= covered / runs <= 0.99


def test_a_rate_that_is_not_reached_has_no_shift() -> None:
    errors, clean = np.full((10, 7), 3.0), np.full(10, 2.0)
    found = threshold_shift(
        SNR, errors, errors, clean, np.full(10, 10.0), resample_weights(10, 50, np.random.default_rng(0))
    )
    assert np.isnan(found.shift)
    assert found.target == pytest.approx(0.4)


@pytest.mark.parametrize("noisy", [0.3, 0.9])
@pytest.mark.parametrize("cost", list(COSTS))
def test_hurts_more_is_said_no_more_often_than_it_may(cost: str, noisy: float) -> None:
    """Near the ceiling as well: nine words in ten wrong. Five standard errors above 2.5 %, the level of one side."""
    claims = [try_cell(noisy, COSTS[cost], 300, np.random.default_rng([9, run])) for run in range(400)]
    assert np.mean([claim.hurts_more for claim in claims]) <= 0.025 + 5 * np.sqrt(0.025 * 0.975 / 400)


def test_either_scale_alone_would_be_said_far_too_often() -> None:
    """What the simulation is able to catch: a cost in points is no ratio, and a ratio no cost in points."""
    additive = [try_cell(0.9, COSTS["3 points everywhere"], 300, np.random.default_rng([9, run])) for run in range(200)]
    share = COSTS["a tenth of the errors everywhere"]
    proportional = [try_cell(0.6, share, 300, np.random.default_rng([9, run])) for run in range(200)]
    assert np.mean([claim.ratio for claim in additive]) > 0.2
    assert np.mean([claim.difference for claim in proportional]) > 0.2


def test_the_record_is_what_the_readme_says() -> None:
    table = pd.read_csv(Path(__file__).parents[1] / "results" / "calibration" / "noise.csv")
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    readme = " ".join(readme.split())
    assert f"in at most {100 * table['hurts_more'].max():.1f} % of the cells" in readme
    assert f"either scale alone in up to {100 * table[['difference', 'ratio']].to_numpy().max():.0f} %" in readme
