"""Corrections for testing several hypotheses at once."""

import gc
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.stats.verdicts import ALPHA


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values in the order given: family-wise error. For families declared beforehand."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values in the order given: false discovery rate. For exploratory grids."""
    return _adjusted(p_values, "fdr_bh")


def holm_levels(p_values: Sequence[float]) -> list[float]:
    """The levels of intervals that hold together and exclude 0 exactly where Holm rejects.

    Bonferroni's alpha / m; where Holm rejects a p above that, the level of the step at which it does.
    """
    p, ranks = _ranked(p_values)
    first = ALPHA / len(p)
    rejected = np.asarray(holm(p_values)) <= ALPHA
    return [float(level) for level in np.where(rejected & (p > first), ALPHA / (len(p) - ranks), first)]


def benjamini_hochberg_levels(p_values: Sequence[float]) -> list[float]:
    """The levels of intervals that exclude 0 exactly where Benjamini and Hochberg reject R of m: R alpha / m there, of
    which a share alpha miss on average (Benjamini & Yekutieli 2005); elsewhere those of the step that failed.
    """
    p, _ = _ranked(p_values)
    rejected = np.asarray(benjamini_hochberg(p_values)) <= ALPHA
    count = int(rejected.sum())
    return [float(level) for level in np.where(rejected, count, min(count + 1, len(p))) * ALPHA / len(p)]


def _ranked(p_values: Sequence[float]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """The p-values, NaN as 1, and how many come before each."""
    p = np.nan_to_num(np.asarray(p_values, dtype=float), nan=1.0)
    return p, np.argsort(np.argsort(p, kind="stable"), kind="stable")


def _adjusted(p_values: Sequence[float], method: str) -> list[float]:
    """The p-values adjusted by that method; NaN (nothing to test) stays NaN and counts in the family as a p of 1."""
    p = np.asarray(p_values, dtype=float)
    if len(p) < 2:  # nothing to correct
        return [float(value) for value in p]
    from statsmodels.stats.multitest import multipletests  # a second and a half, with the scipy.stats that it brings

    with _nothing_to_collect():
        adjusted = multipletests(np.where(np.isnan(p), 1.0, p), method=method)[1]
    return [float(value) for value in np.where(np.isnan(p), np.nan, adjusted)]


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Leaves nothing to collect to statsmodels, whose garbage collection at every call takes longer than the rest."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def within(
    groups: Sequence[Hashable], p_values: Sequence[float], adjust: Callable[[Sequence[float]], list[float]]
) -> list[float]:
    """Every p-value corrected over those of its own group, in the order given."""
    members: dict[Hashable, list[float]] = {}
    for group, p in zip(groups, p_values, strict=True):
        members.setdefault(group, []).append(p)
    adjusted = {group: iter(adjust(of_group)) for group, of_group in members.items()}
    return [next(adjusted[group]) for group in groups]


@dataclass(frozen=True)
class Correction:
    """A way to correct the p-values of a family, and the levels of the intervals that match its decisions."""

    adjust: Callable[[Sequence[float]], list[float]]
    levels: Callable[[Sequence[float]], list[float]]


HOLM = Correction(holm, holm_levels)
BENJAMINI_HOCHBERG = Correction(benjamini_hochberg, benjamini_hochberg_levels)
