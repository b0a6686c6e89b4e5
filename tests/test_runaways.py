"""What the docs say of raw intervals where only the converted arm loops, held against corpora of another make."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from bench.stats import PairedSums, bootstrap_deltas, resample_weights

CLIPS, SPEAKERS, WORDS, CORPORA = 1500, 650, 9.5, 300
Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]


def pareto(rng: np.random.Generator, size: int) -> npt.NDArray[np.float64]:
    """Errors of a loop, 40 to 440: twice as many are half as likely."""
    return np.floor(1 / (1 / 40 - rng.random(size) * (1 / 40 - 1 / 441)))


def longest(rng: np.random.Generator, size: int) -> npt.NDArray[np.float64]:
    return np.full(size, 440.0)


def cover(share: float, error_rate: float, draw: Draw) -> tuple[float, float]:
    """How often 95 % intervals hold the true cost, raw and capped, where only loops of the converted arm cost."""
    rng = np.random.default_rng(0)
    weights = resample_weights(SPEAKERS, 500, rng)
    truth, held = share * draw(rng, 10**6).mean() / WORDS, np.zeros(2)
    capped_truth = share * (1 - 0.4 * error_rate)
    for _ in range(CORPORA):
        words = 1.0 + rng.poisson(WORDS - 1, CLIPS)
        control, converted = rng.binomial(words.astype(int), 0.4 * error_rate, size=(2, CLIPS))
        looping = converted + np.where(rng.random(CLIPS) < share, draw(rng, CLIPS), 0)
        speaker = np.r_[np.arange(SPEAKERS), rng.integers(SPEAKERS, size=CLIPS - SPEAKERS)]
        sides = [
            PairedSums(*(np.bincount(speaker, weights=values) for values in (control, errors, words)))
            for errors in (looping, np.minimum(looping, words))
        ]
        intervals = [delta.interval() for delta in bootstrap_deltas(sides, weights)]
        held += [low <= true <= high for (low, high), true in zip(intervals, (truth, capped_truth), strict=True)]
    raw, capped = held / CORPORA
    return float(raw), float(capped)


@pytest.mark.parametrize(
    ("share", "error_rate", "draw", "raw"),
    [
        (0.0, 0.45, pareto, (0.92, 0.98)),  # nothing loops: the control of this test
        (0.003, 0.45, pareto, (0.81, 0.90)),
        (0.01 * WORDS / 440, 0.15, longest, (0.24, 0.40)),  # a cost of one point, a third of a loop to be expected
    ],
)
def test_raw_intervals_hold_too_seldom_what_few_long_loops_cost(
    share: float, error_rate: float, draw: Draw, raw: tuple[float, float]
) -> None:
    found, capped = cover(share, error_rate, draw)
    assert raw[0] <= found <= raw[1]
    assert capped >= 0.92
