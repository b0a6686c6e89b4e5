"""`python -m bench.calibration.designs [FOLDER]`: how often the interval holds the cost, by who reads what.

Two minutes on one core. Speakers crossed with sentences, few speakers, speakers of very unequal numbers of clips.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console

from bench.calibration.tables import write_table
from bench.progress import progress_bar
from bench.stats import (
    Bootstrap,
    Crossing,
    Floats,
    PairedSums,
    Totals,
    bootstrap_deltas,
    effective_clusters,
    resample_weights,
)

Ints = npt.NDArray[np.int64]
RATE, COST = 0.4, 0.05
"""Error rate of the control, and what conversion adds on average, as fractions."""
SPREAD = 0.05
"""Standard deviation of the cost over speakers, and over sentences."""
CORPORA, RESAMPLES = 1_000, 1_000


@dataclass(frozen=True, eq=False)
class Readings:
    """Who reads which sentence, a clip each, (n,); and what conversion adds there as a fraction of the words."""

    speaker: Ints
    sentence: Ints
    cost: Floats


Design = Callable[[np.random.Generator], Readings]


@dataclass(frozen=True)
class Crossed:
    """Every one of the speakers reads every one of the sentences."""

    speakers: int
    sentences: int
    of_speakers: float
    of_sentences: float

    def __call__(self, rng: np.random.Generator) -> Readings:
        speaker, sentence = (part.ravel() for part in np.indices((self.speakers, self.sentences)))
        cost = rng.normal(0, self.of_speakers, self.speakers)[speaker]
        return Readings(speaker, sentence, COST + cost + rng.normal(0, self.of_sentences, self.sentences)[sentence])


@dataclass(frozen=True)
class FewRepeats:
    """Of 1,500 clips by 300 speakers one in twenty is of a sentence that another has read."""

    def __call__(self, rng: np.random.Generator) -> Readings:
        clips = 1500
        sentence = np.where(rng.random(clips) < 0.05, rng.integers(clips, size=clips), np.arange(clips))
        speaker = rng.integers(300, size=clips)
        cost = rng.normal(0, SPREAD, 300)[speaker] + rng.normal(0, SPREAD, clips)[sentence]
        return Readings(speaker, sentence, COST + cost)


@dataclass(frozen=True)
class HeavyTails:
    """Few speakers of 50 clips each, whose costs spread as Student's t of three degrees."""

    speakers: int

    def __call__(self, rng: np.random.Generator) -> Readings:
        speaker = np.repeat(np.arange(self.speakers), 50)
        cost = np.clip(SPREAD / np.sqrt(3) * rng.standard_t(3, self.speakers), -0.3, 0.3)
        return Readings(speaker, np.arange(len(speaker)), COST + cost[speaker])


@dataclass(frozen=True)
class Zipf:
    """300 speakers; the clips of the k-th are as 1 / k^power."""

    power: float

    def __call__(self, rng: np.random.Generator) -> Readings:
        shares = 1 / np.arange(1, 301) ** self.power
        speaker = np.sort(rng.choice(300, size=1500, p=shares / shares.sum()))
        return Readings(speaker, np.arange(1500), COST + rng.normal(0, SPREAD, 300)[speaker])


@dataclass(frozen=True)
class InformativeSize:
    """60 speakers; whoever speaks more clips, 1 to 40 log-uniformly, loses more: the cost is the clips', not theirs."""

    def __call__(self, rng: np.random.Generator) -> Readings:
        size = np.exp(rng.uniform(0, np.log(40), 60))
        clips = np.maximum(1, rng.poisson(size))
        grown = size / _MEAN_SIZE
        cost = COST * grown * _MEAN_SIZE**2 / _MEAN_SQUARE + rng.normal(0, SPREAD, 60)
        speaker = np.repeat(np.arange(60), clips)
        return Readings(speaker, np.arange(len(speaker)), cost[speaker])


_MEAN_SIZE = 39 / np.log(40)
_MEAN_SQUARE = (40**2 - 1) / (2 * np.log(40))
"""Of the log-uniform sizes, so that the mean over clips of the cost is COST."""

DESIGNS: dict[str, Design] = {
    "24 speakers x 50 sentences, both differ": Crossed(24, 50, SPREAD, SPREAD),
    "24 x 50, sentences differ": Crossed(24, 50, 0, SPREAD),
    "24 x 50, speakers differ": Crossed(24, 50, SPREAD, 0),
    "100 speakers x 20 sentences, both differ": Crossed(100, 20, SPREAD, SPREAD),
    "100 x 20, sentences differ": Crossed(100, 20, 0, SPREAD),
    "100 x 20, speakers differ": Crossed(100, 20, SPREAD, 0),
    "300 speakers, one clip in 20 a repeat": FewRepeats(),
    **{f"{speakers} speakers, heavy tails": HeavyTails(speakers) for speakers in (5, 10, 20, 30)},
    "300 speakers, clips by Zipf 1": Zipf(1),
    "300 speakers, clips by Zipf 2": Zipf(2),
    "60 speakers, the cost grows with their clips": InformativeSize(),
}


def draw_sums(readings: Readings, rng: np.random.Generator, crossed: bool = True) -> PairedSums:
    """The errors of both arms, summed by speaker; also by sentence where any is read twice and that is asked for."""
    words = 4 + rng.poisson(6, int(readings.sentence.max()) + 1)[readings.sentence]
    control = rng.binomial(words, RATE)
    converted = rng.binomial(words, np.clip(RATE + readings.cost, 0, 1))
    counts = np.stack([control, converted, words], axis=1).astype(float)
    speaker, sentence = (np.unique(ids, return_inverse=True)[1] for ids in (readings.speaker, readings.sentence))
    pair = np.unique(speaker * len(words) + sentence, return_inverse=True)[1]
    is_crossed = crossed and int(pair.max()) > int(sentence.max())
    crossing = Crossing(_sum(counts, sentence), _sum(counts, pair)) if is_crossed else None
    return PairedSums.of_totals(Totals(_sum(counts, speaker), crossing))


def try_design(design: Design, rng: np.random.Generator, resamples: int = RESAMPLES) -> dict[str, float]:
    """One corpus: whether the interval holds the cost, that of speakers alone too; and what Kish's number is."""
    readings = design(rng)
    sums = draw_sums(readings, rng)
    alone = PairedSums(sums.control, sums.converted, sums.length)
    weights = resample_weights(sums.clusters, resamples, rng)
    both, speakers = bootstrap_deltas([sums, alone], weights)
    return {
        "coverage": _holds(both),
        "speakers_alone": _holds(speakers),
        "effective_speakers": effective_clusters(np.unique(readings.speaker, return_counts=True)[1]),
    }


def _holds(delta: Bootstrap) -> bool:
    low, high = delta.interval()
    return bool(low <= COST <= high)


def _sum(counts: Floats, group: npt.NDArray[np.intp]) -> Floats:
    return np.stack([np.bincount(group, weights=column) for column in counts.T], axis=1)


def main(folder: Path, corpora: int = CORPORA) -> None:
    """Writes designs.csv."""
    rows = []
    with progress_bar(Console(stderr=True), "corpora") as progress:
        task = progress.add_task("", total=corpora * len(DESIGNS))
        for number, (name, design) in enumerate(DESIGNS.items()):
            progress.update(task, description=name)
            outcomes = []
            for corpus in range(corpora):
                outcomes.append(try_design(design, np.random.default_rng([20, number, corpus])))
                progress.advance(task)
            rows.append({"design": name, "corpora": corpora, **pd.DataFrame(outcomes).mean().to_dict()})
    table = pd.DataFrame(rows).round(4)
    write_table(table, folder / "designs.csv")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
