"""`python -m bench.calibration.claims [FOLDER]`: how often "within the margin" is said, of costs at it and of none.

Five minutes on one core. 1,500 clips of 300 speakers; rare clips run away and count as wholly wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from bench.calibration.tables import write_table
from bench.comparing.bounds import DRAWS
from bench.progress import progress_bar
from bench.stats import PairedSums, against_margin, bound_capped_cost, draw_clusters, holm

MARGIN = 0.01
SPEAKERS, CLIPS, WORDS = 300, 5, 10
"""Speakers, clips of each, and words of a clip."""
SPREAD = 0.3
"""Standard deviation over speakers of the logarithm of an error rate."""
OWN = 0.4
"""The share of its errors that an arm makes and the other does not."""
LANGUAGES = 11
CORPORA, FAMILIES = 1_000, 300


@dataclass(frozen=True)
class World:
    """The control's error rate, the true cost with each clip's errors capped, and the share of clips that run away."""

    rate: float
    cost: float
    runaways: float


WORLDS = (
    *(World(rate, MARGIN, runaways) for rate, runaways in product((0.1, 0.3), (0.0, 0.001, 0.003, 0.008))),
    *(World(rate, 0.0, 0.0) for rate in (0.05, 0.1, 0.15, 0.3)),
)


def draw(world: World, rng: np.random.Generator) -> PairedSums:
    """One corpus, summed by speaker; what a runaway adds beyond its clip's length is capped, so that it counts once."""
    shape = (SPEAKERS, CLIPS)
    difficulty = np.exp(rng.normal(0, SPREAD, (SPEAKERS, 1)) - SPREAD**2 / 2)
    rate = np.minimum(world.rate * difficulty, 1.0)
    usual = (world.cost - world.runaways * (1 - world.rate)) / (1 - world.runaways)
    shared = rng.binomial(WORDS, (1 - OWN) * rate, shape)
    control = np.minimum(shared + rng.poisson(WORDS * OWN * rate, shape), WORDS)
    converted = np.minimum(shared + rng.poisson(WORDS * (OWN * rate + usual * difficulty), shape), WORDS)
    converted = np.where(rng.random(shape) < world.runaways, WORDS, converted)
    theirs, ours = (errors.sum(axis=1).astype(float) for errors in (control, converted))
    return PairedSums(theirs, ours, np.full(SPEAKERS, float(CLIPS * WORDS)))


def p_within(world: World, rng: np.random.Generator, draws: int = DRAWS) -> float:
    clips = np.full(SPEAKERS, float(CLIPS))
    return bound_capped_cost(draw(world, rng), clips, draw_clusters(clips, draws, rng)).p_above(MARGIN)


def says_within(p_values: list[float]) -> bool:
    """Whether any language of a family is said to be within the margin."""
    return any(against_margin(p, 1.0) == "within" for p in holm(p_values))


def changed_table(margin: float = MARGIN) -> Iterator[dict[str, object]]:
    """What is said where so many of so many clips, each by a speaker of its own, are wholly wrong, the rest alike."""
    for clips, changed in product((30, 300, 1500), (0, 1, 2, 3, 5)):
        sums = PairedSums(np.zeros(clips), np.repeat([1.0, 0.0], [changed, clips - changed]), np.ones(clips))
        ones = np.ones(clips)
        cost = bound_capped_cost(sums, ones, draw_clusters(ones, DRAWS, np.random.default_rng(0)))
        yield {
            "clips": clips,
            "changed": changed,
            "cost": 100 * cost.cost,
            "upper": 100 * cost.upper(),
            "verdict": against_margin(cost.p_above(margin), cost.p_below(margin)),
        }


def main(folder: Path, corpora: int = CORPORA, families: int = FAMILIES) -> None:
    """Writes claims.csv and changed.csv."""
    rows = []
    with progress_bar(Console(stderr=True), "corpora") as progress:
        task = progress.add_task("", total=(corpora + families * LANGUAGES) * len(WORLDS))
        for number, world in enumerate(WORLDS):
            alone = []
            for corpus in range(corpora):
                alone.append(says_within([p_within(world, np.random.default_rng([21, number, corpus]))]))
                progress.advance(task)
            together = []
            for family in range(families):
                rng = np.random.default_rng([22, number, family])
                together.append(holm([p_within(world, rng) for _ in range(LANGUAGES)]))
                progress.advance(task, LANGUAGES)
            rows.append(
                {
                    "control_rate": 100 * world.rate,
                    "true_cost": 100 * world.cost,
                    "runaways": 100 * world.runaways,
                    "within_alone": np.mean(alone),
                    "any_of_eleven": np.mean([min(of_family) <= 0.05 for of_family in together]),
                    "each_of_eleven": np.mean(np.array(together) <= 0.05),
                }
            )
    for name, table in (("claims.csv", pd.DataFrame(rows)), ("changed.csv", pd.DataFrame(changed_table()))):
        write_table(table, folder / name)
        print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
