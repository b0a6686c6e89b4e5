"""`python -m bench.calibration.noise_grids [FOLDER]`: how often a whole grid has a cell that falsely "hurts more".

Half an hour on one core. Grids of eleven languages in seven noises, as an arm of a suite has them: the speakers of a
language are the same in every noise, their resamples too, and all cells are held against one clean cell.
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

from bench.calibration.noise import (
    CLEAN,
    SPEAKERS,
    Cost,
    Floats,
    Scales,
    draw_difficulty,
    draw_errors,
    hold_against_clean,
)
from bench.calibration.tables import write_table
from bench.progress import progress_bar
from bench.stats import benjamini_hochberg, is_significant, resample_weights

Flags = npt.NDArray[np.bool_]

LANGUAGES = 11
NOISY = (0.2, 0.25, 0.3, 0.4, 0.6, 0.9, 0.97)
"""The control's rates, a noise each."""
CELLS = LANGUAGES * len(NOISY)
WORDS = 250
"""Of each speaker: 15,000 in all, as 1,500 clips have."""


def none(rate: Floats) -> Floats:
    return rate


def points(rate: Floats) -> Floats:
    return rate + 0.03


def fifth(rate: Floats) -> Floats:
    """On clean speech the same 3 points."""
    return 1.2 * rate


def tenth(rate: Floats) -> Floats:
    return 1.1 * rate


@dataclass(frozen=True)
class Kind:
    """Grids of one kind: what conversion costs on clean speech, and in noise by the number of the cell.

    `hurting`: the noises in which the cost truly is higher on both scales.
    """

    clean: Cost
    noisy: Callable[[int], Cost]
    hurting: tuple[int, ...] = ()

    @classmethod
    def doubling(cls, hurting: tuple[int, ...]) -> Kind:
        """A tenth of the errors, and twice that in those noises: more on both scales where the ceiling is far."""
        return cls(tenth, lambda cell: fifth if cell % len(NOISY) in hurting else tenth, hurting)

    def costs(self, language: int) -> list[Cost]:
        return [self.noisy(language * len(NOISY) + noise) for noise in range(len(NOISY))]

    def is_hurting(self) -> Flags:
        """Cell by cell, (CELLS,)."""
        return np.isin(np.arange(CELLS) % len(NOISY), self.hurting)


KINDS = {
    "none": Kind(none, lambda cell: none),
    "constant in points": Kind(points, lambda cell: points),
    "constant as a share": Kind(fifth, lambda cell: fifth),
    "mixed": Kind(points, lambda cell: (points, fifth)[cell % 2]),
    "doubled in one noise": Kind.doubling((2,)),
    "doubled in four noises": Kind.doubling((0, 1, 2, 3)),
}
"""Costs that are no higher in noise on one scale at least; and, to see what is lost, some that are on both."""


Rule = Callable[[Sequence[Scales]], Flags]
"""From the cells of a grid to which of them are said to hurt more, (CELLS,)."""


def by_the_larger(cells: Sequence[Scales]) -> Flags:
    """As the product judges them."""
    return _marked([cell.p_more for cell in cells])


def corrected_apart(cells: Sequence[Scales]) -> Flags:
    """Each scale's two-sided p corrected by itself, and both in the same direction: a known fault."""
    up = np.array([cell.difference.estimate > 0 and cell.ratio.estimate > 0 for cell in cells])
    flags: Flags = _marked([cell.difference.p for cell in cells]) & _marked([cell.ratio.p for cell in cells]) & up
    return flags


def _marked(p_values: Sequence[float]) -> Flags:
    return np.array([is_significant(p) for p in benjamini_hochberg(p_values)])


RULES: dict[str, Rule] = {"hurts_more": by_the_larger, "corrected_apart": corrected_apart}


def draw_grid(kind: Kind, weights: Sequence[Floats], rng: np.random.Generator) -> list[Scales]:
    """All cells of one grid, a language after the other; the resamples of each language are (B, SPEAKERS)."""
    cells = []
    for language, of_language in enumerate(weights):
        difficulty = draw_difficulty(rng)
        clean = draw_errors(difficulty, CLEAN, kind.clean, rng, WORDS)
        costs = kind.costs(language)
        noisy = [draw_errors(difficulty, rate, cost, rng, WORDS) for rate, cost in zip(NOISY, costs, strict=True)]
        cells += hold_against_clean([np.hstack([errors, clean]) for errors in noisy], of_language, WORDS)
    return cells


def study(grids: int, resamples: int, advance: Callable[[], object]) -> pd.DataFrame:
    """A row a kind of grid and rule, of `grids` grids each.

    `false_discoveries`: the mean share of the cells said to hurt more that do not; where none does, that is the share
    of the grids in which it is said at all. `found`: the share of the cells that hurt more which are said to.
    """
    seeded = (np.random.default_rng([language]) for language in range(LANGUAGES))
    weights = [resample_weights(SPEAKERS, resamples, rng) for rng in seeded]
    rows = []
    for number, (name, kind) in enumerate(KINDS.items()):
        hurting = kind.is_hurting()
        marked: dict[str, list[Flags]] = {rule: [] for rule in RULES}
        for grid in range(grids):
            cells = draw_grid(kind, weights, np.random.default_rng([number, grid]))
            for rule, marks in RULES.items():
                marked[rule].append(marks(cells))
            advance()
        for rule, of_grids in marked.items():
            said = np.stack(of_grids)
            false = float(((said & ~hurting).sum(axis=1) / np.maximum(said.sum(axis=1), 1)).mean())
            found = float(said[:, hurting].mean()) if hurting.any() else np.nan
            rows.append({"costs": name, "rule": rule, "grids": grids, "false_discoveries": false, "found": found})
    return pd.DataFrame(rows)


def main(folder: Path) -> None:
    grids, resamples = 400, 10_000
    with progress_bar(Console(stderr=True), "grids") as progress:
        task = progress.add_task("", total=grids * len(KINDS))
        table = study(grids, resamples, lambda: progress.advance(task))
    write_table(table, folder / "noise-grids.csv")
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
