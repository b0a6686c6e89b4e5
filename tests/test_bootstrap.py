"""The paired bootstrap: exact properties, its standard error against another tool, its size by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.stats import (
    Bootstrap,
    PairedSums,
    bootstrap_deltas,
    bootstrap_log_ratios,
    clustered_t,
    holm,
    resample_weights,
    sign_flip,
)


def random_sums(rng: np.random.Generator, speakers: int = 40, shift: float = 0.0) -> PairedSums:
    length = rng.poisson(20, speakers) + 1.0
    return PairedSums.of_differences(np.round(rng.normal(shift * length, 2)), length)


def bootstrap(sums: PairedSums, seed: int = 0, resamples: int = 999) -> tuple[float, float, float, float]:
    estimate = estimate_of(sums, resamples, np.random.default_rng(seed))
    return estimate.estimate, *estimate.interval(), estimate.p


def estimate_of(sums: PairedSums, resamples: int, rng: np.random.Generator) -> Bootstrap:
    return bootstrap_deltas([sums], resample_weights(sums.clusters, resamples, rng))[0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_p_and_interval_agree_and_swapping_arms_flips_the_sign(seed: int) -> None:
    sums = random_sums(np.random.default_rng(seed), speakers=12, shift=0.05)
    delta, low, high, p = bootstrap(sums)
    assert (p <= 0.05) == (low > 0 or high < 0)
    swapped = bootstrap(PairedSums.of_differences(-sums.difference, sums.length))
    assert swapped == pytest.approx((-delta, -high, -low, p))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 4)), min_size=2, max_size=6), st.integers(0, 99))
def test_few_speakers_and_ties_stay_consistent(speakers: list[tuple[int, int]], seed: int) -> None:
    difference, length = np.array(speakers, dtype=float).T
    delta, low, high, p = bootstrap(PairedSums.of_differences(difference, length), seed, resamples=199)
    assert low <= delta <= high
    assert (p <= 0.05) == (low > 0 or high < 0)
    assert not np.isfinite(high) or high < 1e3
    assert bootstrap(PairedSums.of_differences(7 * difference, 7 * length), seed, resamples=199)[3] == p


def test_standard_error_is_statsmodels_clustered_one() -> None:
    """The ratio is the slope of a weighted regression through the origin, clustered by speaker."""
    sums = random_sums(np.random.default_rng(3))
    weights = 1 / sums.length
    fit = sm.WLS(sums.difference, sums.length, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(sums.clusters), "df_correction": False}
    )
    assert fit.params[0] == pytest.approx(sums.delta)
    assert sums.standard_error == pytest.approx(fit.bse[0], rel=1e-9)


def test_resamples_equal_a_literal_loop() -> None:
    sums = random_sums(np.random.default_rng(4), speakers=9)
    weights = resample_weights(9, 500, np.random.default_rng(8))
    estimate = bootstrap_deltas([sums], weights)[0]
    observed = abs(sums.delta) / sums.standard_error
    exceeding, deltas = 0, []
    for row in weights:
        drawn = np.repeat(np.arange(9), row.astype(int))
        resample = PairedSums.of_differences(sums.difference[drawn], sums.length[drawn])
        exceeding += abs(resample.delta - sums.delta) / resample.standard_error >= observed
        deltas.append(resample.delta)
    assert estimate.p == (1 + exceeding) / 501
    assert estimate.percentile() == pytest.approx(tuple(np.quantile(deltas, [0.025, 0.975])))


def test_weights_are_draws_with_replacement() -> None:
    weights = resample_weights(30, 2000, np.random.default_rng(1))
    assert (weights.sum(axis=1) == 30).all()
    assert weights.mean() == 1.0
    assert weights.var() == pytest.approx(29 / 30, rel=0.02)


def test_several_sums_share_resamples_without_mixing() -> None:
    rng = np.random.default_rng(2)
    many = [random_sums(rng, 15, shift) for shift in (0.0, 0.1, 0.3)]
    weights = resample_weights(15, 400, rng)
    for together, sums in zip(bootstrap_deltas(many, weights), many, strict=True):
        alone = bootstrap_deltas([sums], weights)[0]
        assert (together.estimate, together.interval(), together.p) == (alone.estimate, alone.interval(), alone.p)


def test_degenerate_cases_are_defined() -> None:
    ones = np.ones(5)
    assert bootstrap(PairedSums.of_differences(0 * ones, ones)) == (0.0, 0.0, 0.0, 1.0)
    delta, low, _, p = bootstrap(PairedSums.of_differences(np.ones(1), np.ones(1)))
    assert delta == 1.0
    assert np.isnan(low)
    assert np.isnan(p)
    assert all(np.isnan(bootstrap(PairedSums.of_differences(0 * ones, 0 * ones))))
    for length in (np.array([1.0, 1, 1]), np.array([10.0, 20, 30])):
        assert bootstrap(PairedSums.of_differences(length / 10, length))[1:] == (-np.inf, np.inf, 1.0)
    assert bootstrap(PairedSums.of_differences(np.array([1.0, 0, 0]), np.ones(3)))[3] > 0.05


def test_log_ratios_equal_a_literal_loop() -> None:
    rng = np.random.default_rng(9)
    control = rng.poisson(6, 14).astype(float)
    sums = PairedSums(control, control + rng.poisson(1, 14), np.full(14, 30.0))
    weights = resample_weights(14, 300, rng)
    ratio = bootstrap_log_ratios([sums], weights)[0]
    assert ratio.estimate == pytest.approx(np.log(sums.converted.sum() / sums.control.sum()))
    ts = []
    for row in weights:
        drawn = np.repeat(np.arange(14), row.astype(int))
        c, v = sums.control[drawn], sums.converted[drawn]
        influence = v / v.sum() - c / c.sum()
        error = np.sqrt(14 / 13 * (influence**2).sum())
        ts.append(abs(np.log(v.sum() / c.sum()) - ratio.estimate) / error)
    assert ratio.t == pytest.approx(np.sort(ts))
    swapped = bootstrap_log_ratios([PairedSums(sums.converted, sums.control, sums.length)], weights)[0]
    assert swapped.interval() == pytest.approx(tuple(-bound for bound in reversed(ratio.interval())))
    silent = bootstrap_log_ratios([PairedSums(np.zeros(14), sums.converted, sums.length)], weights)[0]
    assert np.isnan(silent.estimate)
    assert all(np.isnan(silent.interval()))


def test_percentile_p_agrees_with_its_interval() -> None:
    rng = np.random.default_rng(10)
    for shift in (0.0, 0.03, 0.06, 0.1):
        estimate = estimate_of(random_sums(rng, 30, shift), 1999, rng)
        low, high = estimate.percentile()
        assert (estimate.percentile_p < 0.045) <= (low > 0 or high < 0)
        assert (estimate.percentile_p > 0.055) <= (low <= 0 <= high)


def test_size_is_held() -> None:
    """Under the null, rejections at 5 % stay within four standard errors of 5 %."""
    rng = np.random.default_rng(11)
    runs = 600
    rejected = sum(estimate_of(random_sums(rng, 60), 399, rng).p <= 0.05 for _ in range(runs)) / runs
    assert abs(rejected - 0.05) < 4 * np.sqrt(0.05 * 0.95 / runs)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    with_gap = holm([0.01, float("nan"), 0.03])
    assert with_gap[0] == pytest.approx(0.03)
    assert np.isnan(with_gap[1])


def test_clustered_t_is_scipys_on_equal_lengths() -> None:
    rng = np.random.default_rng(6)
    sums = PairedSums.of_differences(rng.normal(0.5, 2, 25), np.full(25, 7.0))
    assert clustered_t(sums) == pytest.approx(stats.ttest_1samp(sums.difference, 0).pvalue)
    assert clustered_t(PairedSums.of_differences(np.zeros(3), np.ones(3))) == 1.0
    assert np.isnan(clustered_t(PairedSums.of_differences(np.ones(3), np.ones(3))))


def test_sign_flip_is_scipys_exact_one_and_near_it_when_sampled() -> None:
    rng = np.random.default_rng(7)
    difference = rng.integers(-3, 5, 12).astype(float)
    exact = stats.permutation_test(
        (difference, np.zeros(12)), lambda x, y: np.sum(x - y), permutation_type="samples", n_resamples=np.inf
    )
    padded = PairedSums.of_differences(np.concatenate([difference, np.zeros(9)]), np.ones(21))
    assert sign_flip([padded], 99, rng)[0] == pytest.approx(exact.pvalue)
    many = rng.normal(0.3, 1, 40)
    sampled = sign_flip([PairedSums.of_differences(many, np.ones(40))], 20_000, rng)[0]
    reference = stats.permutation_test(
        (many, np.zeros(40)), lambda x, y: np.sum(x - y, axis=-1), permutation_type="samples", n_resamples=20_000
    )
    assert sampled == pytest.approx(reference.pvalue, abs=0.015)
    assert sign_flip([PairedSums.of_differences(np.zeros(4), np.ones(4))] * 2, 99, rng) == [1.0, 1.0]
