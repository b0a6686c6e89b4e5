"""Corrections for testing several hypotheses at once."""

import gc
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values in the order given: family-wise error. For families declared beforehand."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values in the order given: false discovery rate. For exploratory grids."""
    return _adjusted(p_values, "fdr_bh")


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
