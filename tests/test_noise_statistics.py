"""Costs in noise: contrasts against brute force, thresholds against known curves, and simulated arms without effect."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from bench.stats import (
    PairedSums,
    bootstrap_deltas,
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
    (made,) = bootstrap_log_contrasts([x], list(signs), weights)
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
    (contrast,) = bootstrap_log_contrasts([np.stack([sums.control, sums.converted], axis=1)], (-1, 1), weights)
    assert contrast.estimate == pytest.approx(ratio.estimate)
    assert contrast.interval() == pytest.approx(ratio.interval())


def test_an_arm_without_errors_has_no_ratio() -> None:
    x = np.ones((5, 4))
    x[:, 2] = 0
    (made,) = bootstrap_log_contrasts([x], (1, -1, -1, 1), resample_weights(5, 50, np.random.default_rng(0)))
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
    assert np.isnan(crossing(SNR, rates, np.array([99.0, 0.01]))).all()


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


def _additive(control_clean: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same cost in points, on clean speech and in noise."""
    return control_clean + 0.03, control + 0.03


def _proportional(control_clean: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same relative cost."""
    return 1.1 * control_clean, 1.1 * control


def _none(control_clean: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return control_clean, control


@pytest.mark.parametrize("noisy", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("cost", [_none, _additive, _proportional])
def test_hurts_more_is_said_no_more_often_than_it_may(
    cost: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]], noisy: float
) -> None:
    """Arms whose conversion costs no more in noise, by one scale or by both; near the ceiling (nine words in ten wrong)
    as well. A claim needs both scales, so that it is made at most as often as the rarer of the two would be.
    """
    rng = np.random.default_rng([7, int(10 * noisy)])
    speakers, words, runs = 60, 25, 300
    claims = 0
    for _ in range(runs):
        difficulty = np.exp(rng.normal(0, 0.3, size=speakers))
        control = np.minimum(noisy * difficulty, 1), np.minimum(0.15 * difficulty, 1)
        converted = cost(control[1], control[0])
        rates = [converted[1], control[0], converted[0], control[1]]
        errors = np.stack([rng.binomial(words, np.minimum(rate, 1)) for rate in rates], axis=1).astype(float)
        weights = resample_weights(speakers, 300, rng)
        excess = (errors[:, 0] - errors[:, 1]) - (errors[:, 2] - errors[:, 3])
        (difference,) = bootstrap_deltas([PairedSums.of_differences(excess, np.full(speakers, float(words)))], weights)
        (ratio,) = bootstrap_log_contrasts([errors], (1, -1, -1, 1), weights)
        claims += difference.p <= 0.05 and ratio.p <= 0.05 and difference.estimate > 0 and ratio.estimate > 0
    assert claims / runs <= 0.05
