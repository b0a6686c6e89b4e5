"""Speakers crossed with sentences: two-way errors by the clip, against calibration, and through a whole comparison."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.calibration.designs import COST, DESIGNS, Crossed, draw_sums, try_design
from bench.stats import Crossing, PairedSums, Totals, bootstrap_deltas, bootstrap_log_ratios, resample_weights
from tests.stored import decoded, draw, make_suite, stored_tables

ARMS = [{"name": "plain"}, {"name": "mla", "control": "plain"}]


def by_clip(speaker: np.ndarray, sentence: np.ndarray, influence: np.ndarray) -> float:
    """V_speakers + V_sentences - V_pairs, no less than either of the first two, from sums over pairs of clips."""
    variances = []
    for alike in (speaker[:, None] == speaker, sentence[:, None] == sentence):
        units = len(np.unique(np.argmax(alike, axis=1)))
        variances.append(units / (units - 1) * float(influence @ alike @ influence))
    both = (speaker[:, None] == speaker) & (sentence[:, None] == sentence)
    units = len(np.unique(np.argmax(both, axis=1)))
    pairs = units / (units - 1) * float(influence @ both @ influence)
    return max(*variances, sum(variances) - pairs)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_errors_are_those_of_a_sum_over_pairs_of_clips(seed: int) -> None:
    rng = np.random.default_rng(seed)
    speaker, sentence = rng.integers(6, size=40), rng.integers(8, size=40)
    counts = np.stack([rng.poisson(3, 40), rng.poisson(4, 40), rng.integers(5, 12, size=40)], axis=1).astype(float)
    pair = np.unique(speaker * 100 + sentence, return_inverse=True)[1]
    clusters, sentences, pairs = (
        np.stack([np.bincount(np.unique(of, return_inverse=True)[1], weights=column) for column in counts.T], axis=1)
        for of in (speaker, sentence, pair)
    )
    sums = PairedSums.of_totals(Totals(clusters, Crossing(sentences, pairs)))
    influence = (counts[:, 1] - counts[:, 0] - sums.delta * counts[:, 2]) / counts[:, 2].sum()
    assert sums.standard_error == pytest.approx(np.sqrt(by_clip(speaker, sentence, influence)))
    assert sums.freedom == min(len(clusters), len(sentences)) - 1
    weights = resample_weights(len(clusters), 50, rng)
    (ratio,) = bootstrap_log_ratios([sums], weights)
    shares = counts / counts.sum(axis=0)
    expected = np.sqrt(by_clip(speaker, sentence, shares[:, 1] - shares[:, 0]))
    assert ratio.standard_error == pytest.approx(expected)
    (delta,) = bootstrap_deltas([sums], weights)
    t = abs(delta.estimate) / delta.standard_error
    assert delta.p >= 2 * stats.t.sf(t, sums.freedom) * (1 - 1e-9)
    low, high = delta.interval()
    assert (delta.p <= 0.05) == (not low <= 0 <= high)


def test_sentences_that_one_speaker_reads_each_change_nothing() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(5, (30, 3)) + 1.0
    plain = PairedSums.of_totals(Totals(counts))
    crossed = PairedSums.of_totals(Totals(counts, Crossing(counts, counts)))  # every sentence is one speaker's all
    assert crossed.standard_errors == (pytest.approx(plain.standard_error),) * 2


@pytest.mark.parametrize("name", ["24 x 50, sentences differ", "100 x 20, sentences differ"])
def test_the_interval_holds_the_cost_where_sentences_differ(name: str) -> None:
    """Four standard errors below 0.95; speakers alone, the failing control, cover far less."""
    found = pd.DataFrame([try_design(DESIGNS[name], np.random.default_rng([1, run]), 300) for run in range(200)]).mean()
    assert found["coverage"] > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200)
    assert found["speakers_alone"] < 0.88


def test_the_records_figures_are_in_their_ranges_and_told() -> None:
    """What results/calibration says of designs is what its table has."""
    folder = Path(__file__).parents[1] / "results" / "calibration"
    found = pd.read_csv(folder / "designs.csv").set_index("design")
    text = " ".join((folder / "README.md").read_text(encoding="utf-8").split())
    crossed = found[found.index.str.contains(" x |sentences, both")]
    assert crossed["coverage"].between(0.93, 0.97).all()
    few = found[found.index.str.contains("heavy tails|Zipf 1")]
    assert few["coverage"].between(0.93, 0.985).all()
    low, high = (round(100 * end(crossed["coverage"])) for end in (min, max))
    assert f"what is printed holds the cost {low} to {high} % of the time" in text
    sentences = 100 * crossed[crossed.index.str.endswith("sentences differ")]["speakers_alone"]
    assert f"speakers alone {round(min(sentences))} to {round(max(sentences))} % where only sentences differ" in text
    tails = 100 * found[found.index.str.contains("heavy tails")]["coverage"]
    assert f"{round(min(tails))} to {round(max(tails))} %. Clips by Zipf's law: 95 %; by its square" in text
    assert f"{round(100 * found.loc['300 speakers, clips by Zipf 2', 'coverage'])} %: there the table's caution" in text


def test_a_summary_is_as_wide_as_the_costs_it_is_of() -> None:
    rng = np.random.default_rng(2)
    sums = draw_sums(Crossed(24, 50, 0.0, 0.05)(rng), rng)
    (delta,) = bootstrap_deltas([sums], resample_weights(24, 4000, rng))
    assert delta.spread.std() == pytest.approx(delta.standard_error, rel=0.05)
    assert delta.shifts.std() < 0.7 * delta.standard_error
    assert abs(delta.estimate - COST) < 5 * delta.standard_error


def test_repeated_sentences_are_found_in_a_comparison(tmp_path: Path) -> None:
    """Of sixty clips of seven words only eleven differ, and five or six speakers have read each."""
    rng = np.random.default_rng(3)
    rates = np.clip(rng.normal(0.4, 0.3, 11), 0.05, 0.95)[np.arange(60) % 11]
    errors = [[1] * 60, [int(wrong) for wrong in rng.binomial(7, rates)]]
    decodes = [decoded(arm["name"], "en", of_arm, words=[7] * 60) for arm, of_arm in zip(ARMS, errors, strict=True)]
    row = compared(decodes, tmp_path / "crossed")
    speaker, sentence = (np.unique(decodes[0][name], return_inverse=True)[1] for name in ("speaker_id", "reference"))
    difference = np.array(errors[1]) - 1.0
    influence = (difference - difference.sum() / 420 * 7) / 420
    assert row["sentences"] == 11
    assert row["standard_error"] == pytest.approx(100 * np.sqrt(by_clip(speaker, sentence, influence)))
    assert row["p_clustered_t"] == pytest.approx(2 * stats.t.sf(row["delta"] / row["standard_error"], 10))
    alone = [draw(0.2, 1), draw(0.4, 2)]
    each = [decoded(arm["name"], "en", of_arm) for arm, of_arm in zip(ARMS, alone, strict=True)]
    assert pd.isna(compared(each, tmp_path / "alone")["sentences"])


def compared(decodes: list[pd.DataFrame], folder: Path) -> pd.Series:
    rows = stored_tables(make_suite(ARMS, ["en"]), decodes, folder)["comparisons"]
    return rows[rows["control"].notna() & (rows["metric"] == "wer")].iloc[0]
