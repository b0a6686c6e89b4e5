"""`python -m bench.calibration.noise [FOLDER]`: is "hurts more in noise" claimed of arms that cost no more there?

Half a minute on one core. Speakers of unequal difficulty, words wrong independently given the speaker; the control's
rate is 15 % on clean speech and goes up to the ceiling in noise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
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
    PairedSums,
    Totals,
    bootstrap_deltas,
    bootstrap_log_contrasts,
    is_significant,
    p_hurts_more,
    resample_weights,
)

CLEAN = 0.15
NOISY = (0.3, 0.6, 0.9, 0.97)
"""The control's rates, before the ceiling cuts those of difficult speakers."""
SPEAKERS, WORDS, SPREAD = 60, 25, 0.3
"""Words a speaker; standard deviation of a speaker's log difficulty."""

Floats = npt.NDArray[np.float64]
Cost = Callable[[Floats], Floats]
COSTS: dict[str, Cost] = {
    "none": lambda rate: rate,
    "3 points everywhere": lambda rate: rate + 0.03,
    "a tenth of the errors everywhere": lambda rate: 1.1 * rate,
}
"""From the control's rates to the converted arm's: costs that are no higher in noise, on one scale or on both."""


@dataclass(frozen=True)
class Scales:
    """Of one cell held against its clean one: how much more it costs in points, and its ratio of relative rates."""

    difference: Bootstrap
    ratio: Bootstrap

    @property
    def p_more(self) -> float:
        return p_hurts_more(self.difference.one_sided_p, self.ratio.one_sided_p)


@dataclass(frozen=True)
class Claims:
    """Whether the cost is found to differ in points, as a ratio; and whether it is said to hurt more in noise."""

    difference: bool
    ratio: bool
    hurts_more: bool


def draw_difficulty(rng: np.random.Generator) -> Floats:
    """One factor a speaker, (SPEAKERS,)."""
    return np.exp(rng.normal(0, SPREAD, size=SPEAKERS))


def draw_errors(difficulty: Floats, rate: float, cost: Cost, rng: np.random.Generator, words: int = WORDS) -> Floats:
    """Errors of the converted arm and of the control, (SPEAKERS, 2), at that rate of a speaker of difficulty 1."""
    control = np.minimum(rate * difficulty, 1)
    rates = np.stack([np.minimum(cost(control), 1), control], axis=1)
    return rng.binomial(words, rates).astype(np.float64)


def hold_against_clean(cells: Sequence[Floats], weights: Floats, words: int = WORDS) -> list[Scales]:
    """Both scales of every cell, from the same resamples: of errors of both arms there and on clean speech, each
    (SPEAKERS, 4), as `compare_with_clean` has them.
    """
    length = np.full(SPEAKERS, float(words))
    excess = [PairedSums.of_differences(errors @ [1.0, -1.0, -1.0, 1.0], length) for errors in cells]
    differences = bootstrap_deltas(excess, weights)
    ratios = bootstrap_log_contrasts(list(map(Totals, cells)), (1, -1, -1, 1), weights)
    return [Scales(*scales) for scales in zip(differences, ratios, strict=True)]


def try_cell(noisy: float, cost: Cost, resamples: int, rng: np.random.Generator) -> Claims:
    """One simulated cell, held against its clean one, and tested alone."""
    difficulty = draw_difficulty(rng)
    errors = np.hstack([draw_errors(difficulty, rate, cost, rng) for rate in (noisy, CLEAN)])
    (found,) = hold_against_clean([errors], resample_weights(SPEAKERS, resamples, rng))
    return Claims(*map(is_significant, (found.difference.p, found.ratio.p, found.p_more)))


def study(cells: int, resamples: int, advance: Callable[[], object]) -> pd.DataFrame:
    """Shares of `cells` simulated cells of each kind in which something is claimed, each alone at 5 %."""
    rows = []
    for number, noisy in enumerate(NOISY):
        for kind, (name, cost) in enumerate(COSTS.items()):
            rngs = (np.random.default_rng([number, kind, cell]) for cell in range(cells))
            claims = []
            for rng in rngs:
                claims.append(try_cell(noisy, cost, resamples, rng))
                advance()
            shares = {key: float(np.mean([getattr(c, key) for c in claims])) for key in Claims.__dataclass_fields__}
            rows.append({"control_rate": 100 * noisy, "cost": name, "cells": cells, **shares})
    return pd.DataFrame(rows)


def main(folder: Path) -> None:
    cells, resamples = 3_000, 400
    with progress_bar(Console(stderr=True), "cells") as progress:
        task = progress.add_task("", total=cells * len(NOISY) * len(COSTS))
        table = study(cells, resamples, lambda: progress.advance(task))
    write_table(table, folder / "noise.csv")
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
