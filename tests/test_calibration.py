"""The tests hold their level on simulated corpora; ones that are known not to are caught by the same harness."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.calibration.corpora import SCENARIOS, Scenario, simulate, true_delta
from bench.calibration.methods import DEFAULT, METHODS, Sample
from bench.calibration.study import Study, calibrate, family_errors, try_methods
from bench.stats import bootstrap_deltas, resample_weights

RECORD = Path(__file__).parents[1] / "results" / "calibration" / "calibration.csv"
CLUSTERED = Scenario(400, 40, 0.0, 0.0, 0.2)
CORPORA, RESAMPLES = 1000, 300


def centred_on_the_absolute_delta(sample: Sample, delta: float) -> float:
    """A known fault: |delta*| - |delta| against |delta|."""
    b = sample.bootstrap
    observed = abs(b.estimate - delta)
    return float((np.abs(np.abs(b.estimate + b.shifts - delta) - observed) >= observed).mean())


def resampling_utterances(sample: Sample, delta: float) -> float:
    """A known fault: clips of one speaker taken for independent."""
    weights = resample_weights(sample.by_clip.clusters, RESAMPLES, sample.rng)
    b = bootstrap_deltas([sample.by_clip], weights)[0]
    t = abs(b.estimate - delta) / b.standard_error
    return float((1 + (b.t >= t).sum()) / (RESAMPLES + 1))


FAULTY = {"|delta|": centred_on_the_absolute_delta, "utterances": resampling_utterances}


@pytest.fixture(scope="module")
def coverage() -> pd.Series:
    """Share of intervals that hold the true cost, by method, on clustered corpora without loops."""
    truth = {False: true_delta(CLUSTERED, False, np.random.default_rng(0))}
    methods = {**METHODS, **FAULTY}
    rows = [
        row
        for number in range(CORPORA)
        for row in try_methods(CLUSTERED, truth, RESAMPLES, np.random.default_rng([0, number]), methods)
    ]
    return pd.DataFrame(rows).groupby("method")["covered"].mean()


@pytest.mark.parametrize("method", [DEFAULT, "clustered t", "sign-flip"])
def test_coverage_is_nominal(coverage: pd.Series, method: str) -> None:
    """Within three standard errors of 95 %."""
    assert abs(coverage[method] - 0.95) < 3 * np.sqrt(0.95 * 0.05 / CORPORA)


@pytest.mark.parametrize("method", [*FAULTY, "MAPSSWE (clips)"])
def test_faulty_methods_are_caught(coverage: pd.Series, method: str) -> None:
    assert coverage[method] < 0.95 - 3 * np.sqrt(0.95 * 0.05 / CORPORA)


def test_simulated_corpora_are_what_the_scenario_says() -> None:
    scenario = Scenario(20_000, 500, 0.01, 0.03, 0.0)
    corpus = simulate(scenario, np.random.default_rng(1))
    assert len(np.unique(corpus.speaker)) == 500
    assert corpus.words.mean() == pytest.approx(9.5, rel=0.02)
    loops = [(errors >= 40).mean() for errors in (corpus.control, corpus.converted)]
    assert loops == pytest.approx([0.01, 0.03], abs=0.004)
    delta = corpus.by_clip(capped=False).delta
    assert delta == pytest.approx(true_delta(scenario, False, np.random.default_rng(2)), rel=0.2)
    assert corpus.by_speaker(capped=True).delta == pytest.approx(corpus.by_clip(capped=True).delta)
    effect = corpus.by_clip(capped=False, effect=True).delta - delta
    assert effect == pytest.approx(0.02, rel=0.05)


def test_a_study_goes_on_where_it_was(tmp_path: Path) -> None:
    study, scenario, counted = Study(corpora=300, resamples=100, families=2), Scenario(30, 10, 0, 0, 0), []
    first, truths = calibrate(study, scenario, 0, tmp_path, counted.append)
    assert (len(first), truths, counted) == (300 * 2 * len(METHODS), {False: 0.0, True: 0.0}, [250, 50])
    changed = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again, _ = calibrate(study, scenario, 0, tmp_path, counted.append)
    pd.testing.assert_frame_equal(first, again)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == changed
    assert len(family_errors(study, scenario, 0, tmp_path, counted.append)) == 2


def test_the_committed_record_is_complete() -> None:
    record = pd.read_csv(RECORD)
    assert list(record["scenario"].unique()) == [scenario.name for scenario in SCENARIOS]
    assert len(record) == len(SCENARIOS) * 2 * len(METHODS)
    default = record[record["method"] == DEFAULT].set_index(["scenario", "rate"])["coverage"]
    assert default.xs("capped", level="rate").min() >= 0.93
    for scenario in SCENARIOS:
        if not scenario.loops:
            assert 0.935 <= default[scenario.name, "raw"] <= 0.965
