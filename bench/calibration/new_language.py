"""`python -m bench.calibration.new_language [FOLDER]`: does the interval for a language not measured hold its cost?

Ten minutes on one core. The true costs of a suite's languages, and of one more, scatter with standard deviation tau;
what is measured of each scatters about its true cost with a standard error of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import hypot
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console

from bench.calibration.tables import write_table
from bench.progress import progress_bar
from bench.stats import ALPHA, RandomEffects, random_effects
from bench.stats.distributions import t_isf

Floats = npt.NDArray[np.float64]
SPREADS: Mapping[str, Callable[[np.random.Generator, int], Floats]] = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "t3": lambda rng, size: rng.standard_t(3, size) / np.sqrt(3),
}
"""True costs of standard deviation 1: normal, or heavy-tailed as Student's t of 3 degrees of freedom."""
LANGUAGES = (5, 8, 11, 24)
TAUS = (0.0, 0.5, 2.0)
ERRORS = (0.3, 1.0)
"""The languages' standard errors, points: uniform between these."""
SPEAKERS = 30
"""Of a language, where its standard error is itself estimated."""


@dataclass(frozen=True)
class Setting:
    """`estimated`: standard errors are estimated from 30 speakers a language, not known."""

    spread: str
    languages: int
    tau: float
    estimated: bool


@dataclass(frozen=True)
class Outcome:
    """Of a simulated suite, whether `interval` holds the true cost of a language more, and how wide it is, in points.

    `one_tau`, `of_mean`: whether it would be held by Higgins, Thompson & Spiegelhalter's interval, which takes tau's
    estimate for tau, and by the interval of the mean. `mean`: whether the latter holds the mean itself. `tau_is_zero`:
    no spread between languages was found.
    """

    interval: bool
    one_tau: bool
    of_mean: bool
    mean: bool
    width: float
    tau_is_zero: bool


SETTINGS = tuple(
    Setting(spread, languages, tau, estimated)
    for estimated, counts in ((False, LANGUAGES), (True, LANGUAGES[1:2]))
    for spread, languages, tau in product(SPREADS, counts, TAUS)
)


def try_suite(setting: Setting, rng: np.random.Generator) -> Outcome:
    """One suite, whose languages cost nothing on average."""
    *true, another = setting.tau * SPREADS[setting.spread](rng, setting.languages + 1)
    errors = rng.uniform(*ERRORS, setting.languages)
    measured = np.asarray(true) + errors * rng.standard_normal(setting.languages)
    if setting.estimated:
        errors = errors * np.sqrt(rng.chisquare(SPEAKERS - 1, setting.languages) / (SPEAKERS - 1))
    found = random_effects(list(measured), list(errors))
    low, high = found.prediction
    return Outcome(
        interval=low <= another <= high,
        one_tau=abs(another - found.mean.value) <= _half_of_one_tau(found, setting.languages),
        of_mean=found.mean.low <= another <= found.mean.high,
        mean=found.mean.low <= 0 <= found.mean.high,
        width=high - low,
        tau_is_zero=found.tau == 0,
    )


def _half_of_one_tau(found: RandomEffects, languages: int) -> float:
    return t_isf(ALPHA / 2, languages - 2) * hypot(found.tau, found.mean.standard_error)


def study(settings: Sequence[Setting], suites: int, advance: Callable[[], object]) -> pd.DataFrame:
    """A row a setting: shares of so many simulated suites, and their median width."""
    rows = []
    for setting in settings:
        outcomes = []
        for number in range(suites):
            outcomes.append(asdict(try_suite(setting, np.random.default_rng([SETTINGS.index(setting), number]))))
            advance()
        table = pd.DataFrame(outcomes)
        rows.append(asdict(setting) | {"suites": suites} | dict(table.mean()) | {"width": table["width"].median()})
    return pd.DataFrame(rows)


def write_new_language(folder: Path, suites: int = 10_000) -> pd.DataFrame:
    """new_language.csv."""
    with progress_bar(Console(stderr=True), "suites") as progress:
        task = progress.add_task("", total=suites * len(SETTINGS))
        table = study(SETTINGS, suites, lambda: progress.advance(task))
    write_table(table, folder / "new_language.csv")
    return table


if __name__ == "__main__":
    made = write_new_language(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
    print(made.round(3).to_string(index=False))
