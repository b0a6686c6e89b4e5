"""Corrections, verdicts, power, training seeds and summaries: by hand, by another tool, by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.stats import (
    Clips,
    PairedSums,
    against_margin,
    benjamini_hochberg,
    bootstrap_deltas,
    clips_per_cluster,
    critical_normal,
    cross,
    design_effect,
    direction,
    draw_costs,
    expected_standard_error,
    mean,
    median,
    minimum_detectable_effect,
    pool_languages,
    pool_seeds,
    power_to_show_margin,
    resample_weights,
    simulate_power,
    size_ratio_for,
    slope_per_doubling,
    summarise,
)

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(p_values)
def test_benjamini_hochberg_is_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(list(stats.false_discovery_control(p)))


def test_an_empty_grid_has_nothing_to_correct() -> None:
    assert benjamini_hochberg([]) == []


def test_verdict_fields() -> None:
    assert [direction(True, 1.0), direction(True, -1.0), direction(False, 9.0)] == ["worse", "better", "undecided"]
    p_values = [(0.05, 0.9), (0.9, 0.01), (0.051, 0.06), (float("nan"), float("nan"))]
    assert [against_margin(*pair) for pair in p_values] == ["within", "beyond", "undecided", "undecided"]


def test_detectable_effects_are_the_known_multiples_of_the_standard_error() -> None:
    assert minimum_detectable_effect(1.0, critical_normal(0.05)) == pytest.approx(2.80, abs=0.005)
    assert minimum_detectable_effect(1.0, critical_normal(0.05 / 11)) == pytest.approx(3.68, abs=0.005)
    ratio = size_ratio_for(1.0, 0.5, critical_normal(0.05))
    assert minimum_detectable_effect(0.5 / np.sqrt(ratio), critical_normal(0.05)) == pytest.approx(1.0)


def test_halving_the_detectable_effect_takes_four_times_the_speakers() -> None:
    critical = critical_normal(0.05)
    assert size_ratio_for(0.5, 0.5, critical) == pytest.approx(4 * size_ratio_for(1.0, 0.5, critical))


@pytest.mark.parametrize(
    ("rate", "alone", "power"), [(15, 0.9, 0.49), (30, 1.2, 0.31), (45, 1.5, 0.24), (65, 1.8, 0.19)]
)
def test_plans_agree_with_simulation(rate: float, alone: float, power: float) -> None:
    """Detectable effect and power to show 0.5 points at 1,500 clips of 9.5 words, as simulated elsewhere."""
    se = 100 * expected_standard_error(rate / 100, 1500 * 9.5)
    assert minimum_detectable_effect(se, critical_normal(0.05)) == pytest.approx(alone, abs=0.1)
    assert power_to_show_margin(se, 0.5) == pytest.approx(power, abs=0.05)


def clips_of(speakers: int, each: int, words: int = 9) -> Clips:
    """Clips of 3 to 15 words, by speakers who have equally many."""
    speaker = np.repeat(np.arange(speakers), each)
    length = words + np.resize(np.arange(-6, 7), len(speaker)).astype(float)
    return Clips(length, speaker, speaker)


def test_the_design_effect_by_hand() -> None:
    assert clips_per_cluster([4, 4, 4]) == pytest.approx(4)
    assert clips_per_cluster([9, 1]) == pytest.approx(82 / 10)
    assert design_effect(1.0) == 1
    assert design_effect(51, icc=0.1) == pytest.approx(6)


def test_sentences_that_several_read_make_clips_alike_too() -> None:
    speaker, sentence = (part.ravel() for part in np.indices((24, 50)))
    clips = Clips(np.full(1200, 9.0), speaker, speaker, cross(speaker, sentence))
    assert clips.design_effect == pytest.approx(1 + (49 + 23) * 0.1)
    rng = np.random.default_rng(0)
    corpora = [draw_costs(clips, 0.3, 0.0, rng) for _ in range(600)]
    planned = expected_standard_error(0.3, clips.length.sum()) * np.sqrt(clips.design_effect)
    assert np.std([sums.delta for sums in corpora]) == pytest.approx(planned, rel=0.1)
    assert np.median([sums.standard_error for sums in corpora]) == pytest.approx(planned, rel=0.1)


@pytest.mark.parametrize(("speakers", "each"), [(600, 1), (100, 15), (30, 50)])
def test_the_planned_standard_error_is_the_one_that_corpora_have(speakers: int, each: int) -> None:
    """The spread of simulated costs; clips taken for independent would have a third of it where 30 speakers have 50."""
    clips, rate, rng = clips_of(speakers, each), 0.3, np.random.default_rng(0)
    deltas = [draw_costs(clips, rate, 0.0, rng).delta for _ in range(1500)]
    independent = expected_standard_error(rate, clips.length.sum())
    planned = independent * np.sqrt(design_effect(each))
    assert np.std(deltas) == pytest.approx(planned, rel=0.08)
    assert (planned > 2 * independent) == (each == 50)


def test_simulated_power_is_the_planned_one_with_many_speakers_and_less_with_few() -> None:
    def power(clips: Clips, target: float) -> float:
        (alone,) = simulate_power(clips, 0.3, target, [0.05], 300, 500, np.random.default_rng(1))
        return alone

    detected = {}
    for speakers, each in ((200, 5), (8, 125)):
        clips = clips_of(speakers, each)
        se = expected_standard_error(0.3, clips.length.sum()) * np.sqrt(design_effect(each))
        detected[speakers] = power(clips, minimum_detectable_effect(se, critical_normal(0.05)))
    assert detected[200] == pytest.approx(0.8, abs=0.08)
    assert detected[8] < 0.7
    assert power(clips_of(200, 5), 0.0) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_corpora_whose_speakers_nobody_names_are_resampled_by_clips() -> None:
    """As real ones are: a mark then comes of alike clips, and of no cost."""
    known = clips_of(20, 40)
    clips = Clips(known.length, known.speaker, np.arange(len(known.length)))
    told = []
    (marked,) = simulate_power(clips, 0.3, 0.0, [0.05], 60, 200, np.random.default_rng(2), told.append)
    assert marked > 0.2
    assert sum(told) == 60


def test_seeds_pooled_by_hand() -> None:
    rng = np.random.default_rng(1)
    length = np.full(30, 20.0)
    pairs = [PairedSums(rng.poisson(4, 30) + 0.0, rng.poisson(5, 30) + 0.0, length) for _ in range(4)]
    pooled = pool_seeds(pairs)
    deltas = [sums.delta for sums in pairs]
    of_speakers = np.mean([sums.difference for sums in pairs], axis=0).var(ddof=1) / 30 / 20**2
    of_seeds = np.var(deltas, ddof=1) / 4
    assert pooled.delta == pytest.approx(np.mean(deltas))
    assert pooled.standard_error**2 == pytest.approx(of_speakers + of_seeds)
    df = (of_speakers + of_seeds) ** 2 / (of_speakers**2 / 29 + of_seeds**2 / 3)
    assert pooled.df == pytest.approx(df)
    assert pooled.high - pooled.delta == pytest.approx(stats.t.isf(0.025, df) * pooled.standard_error)
    assert (pooled.p <= 0.05) == (pooled.low > 0 or pooled.high < 0)


def test_under_three_seeds_nothing_is_claimed() -> None:
    sums = PairedSums(np.ones(5), np.arange(5.0), np.full(5, 9.0))
    pooled = pool_seeds([sums, sums])
    assert pooled.delta == pytest.approx(sums.delta)
    assert all(np.isnan([pooled.low, pooled.high, pooled.p]))
    same = PairedSums(np.ones(5), np.ones(5), np.full(5, 9.0))
    assert pool_seeds([same] * 3).p == 1.0


def test_pooled_seeds_cover_the_method() -> None:
    """Checkpoints that differ by training: the interval holds the method's true cost about 95 % of the time."""
    rng = np.random.default_rng(2)
    length, held = np.full(60, 20.0), 0
    for _ in range(400):
        shifts = 0.05 + rng.normal(0, 0.02, 4)
        pairs = [
            PairedSums(rng.poisson(4, 60) + 0.0, rng.poisson(4 + 20 * max(0, shift), 60) + 0.0, length)
            for shift in shifts
        ]
        pooled = pool_seeds(pairs)
        held += pooled.low <= 0.05 <= pooled.high
    assert held / 400 > 0.92


def test_seeds_pooled_over_languages_cover_the_method() -> None:
    """Languages have speakers of their own and share what training did; one language alone is the simple case."""
    rng = np.random.default_rng(4)
    length, held = np.full(40, 20.0), 0
    for _ in range(300):
        shifts = 0.05 + rng.normal(0, 0.02, 3)
        languages = [
            [PairedSums(rng.poisson(4, 40) + 0.0, rng.poisson(4 + 20 * max(0, s), 40) + 0.0, length) for s in shifts]
            for _ in range(5)
        ]
        pooled = pool_languages(languages)
        held += pooled.low <= 0.05 <= pooled.high
    assert held / 300 > 0.92
    assert pool_languages(languages[:1]) == pool_seeds(languages[0])
    assert pooled.delta == pytest.approx(np.mean([pool_seeds(pairs).delta for pairs in languages]))


def make_deltas(rng: np.random.Generator, languages: int = 9) -> list[PairedSums]:
    lengths = [rng.poisson(20, 80) + 1.0 for _ in range(languages)]
    return [PairedSums.of_differences(np.round(rng.normal(0, 2, 80)), length) for length in lengths]


def test_summaries_resample_languages_jointly() -> None:
    rng = np.random.default_rng(3)
    deltas = [bootstrap_deltas([sums], resample_weights(80, 500, rng))[0] for sums in make_deltas(rng, 5)]
    result = summarise(deltas, median)
    assert result.value == np.median([delta.estimate for delta in deltas])
    wider = np.sqrt(80 / 79)  # 80 clusters drawn with replacement spread less than they do
    resampled = np.median([delta.estimate + wider * delta.shifts for delta in deltas], axis=0)
    half = np.sort(np.abs(resampled - result.value))[int(np.ceil(0.95 * 501)) - 1]
    assert (result.low, result.high) == pytest.approx((result.value - half, result.value + half))


@pytest.mark.parametrize("statistic", [median, mean])
def test_a_mean_has_no_interval_where_one_of_its_cells_has_none(statistic: "type[median]") -> None:
    """One clip changed in one language: resamples of it are of two kinds only. No clip changed: exactly nothing."""
    rng = np.random.default_rng(3)
    sums = make_deltas(rng, 3)
    one = PairedSums.of_differences(np.eye(1, 80)[0], np.full(80, 20.0))
    none = PairedSums.of_differences(np.zeros(80), np.full(80, 20.0))
    weights = resample_weights(80, 500, rng)
    known = summarise(bootstrap_deltas([*sums, none], weights), statistic)
    unknown = summarise(bootstrap_deltas([*sums, one], weights), statistic)
    assert known.is_determined
    assert np.isfinite(unknown.value)
    assert not unknown.is_determined


@pytest.mark.parametrize("statistic", [median, mean])
def test_summary_intervals_hold_their_level(statistic: "type[median]") -> None:
    rng, held, runs = np.random.default_rng(4), 0, 300
    for _ in range(runs):
        deltas = [bootstrap_deltas([sums], resample_weights(80, 199, rng))[0] for sums in make_deltas(rng)]
        result = summarise(deltas, statistic)
        held += result.low <= 0 <= result.high
    assert held / runs > 0.91


def test_the_slope_is_per_doubling() -> None:
    slope = slope_per_doubling([10, 20, 40], mean)
    columns = np.array([[4.0], [6.0], [3.0], [5.0], [2.0], [4.0]])  # two languages a size: means 5, 4, 3
    assert slope(columns) == pytest.approx([-1.0])
    with pytest.raises(ValueError, match="two sizes"):
        slope_per_doubling([10, 10], mean)
