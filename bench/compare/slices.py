"""Costs within parts of a cell: clips of one length, speakers of one gender, age or accent. Exploratory."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.compare.cells import Cell
from bench.compare.protocol import ALPHA, UTTERANCE, Protocol
from bench.stats import PairedSums, benjamini_hochberg, bootstrap_deltas

TRAITS = ("gender", "age", "accent")
QUARTILES = 4
Mask = npt.NDArray[np.bool_]


def compare_slices(protocol: Protocol, cell: Cell, weights: npt.NDArray[np.float64]) -> list[dict[str, Any]]:
    """A row a converted arm and slice, in the language's primary metric, from the same resamples as the cell's cost.

    Speakers without a clip in the slice are drawn too and add nothing: how many are in it is random as well.
    """
    metric = protocol.primary(cell.language)
    slices = list(_slices(cell, metric))
    rows: list[dict[str, Any]] = []
    sums: list[PairedSums] = []
    for arm in protocol.converted:
        control = protocol.controls[arm.id].id
        for kind, value, mask in slices:
            rows.append(
                {
                    "arm": arm.name,
                    "seed": arm.seed,
                    "language": cell.language,
                    "condition": cell.condition,
                    "metric": metric,
                    "slice": kind,
                    "value": value,
                    "clips": int(mask.sum()),
                    "speakers": cell.clips.loc[mask, "speaker_id"].nunique() if cell.unit != UTTERANCE else 0,
                }
            )
            sums.append(_masked(cell, arm.id, control, metric, mask))
    if not sums:
        return []
    for row, of_slice, delta in zip(rows, sums, bootstrap_deltas(sums, weights), strict=True):
        low, high = delta.interval(ALPHA)
        length = of_slice.length.sum()
        row |= {
            "rate": 100 * of_slice.converted.sum() / length if length else np.nan,
            "control_rate": 100 * of_slice.control.sum() / length if length else np.nan,
            "delta": 100 * delta.estimate,
            "low": 100 * low,
            "high": 100 * high,
            "p": delta.p,
        }
    return rows


def correct_slices(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """All slices of one arm as one grid, after Benjamini and Hochberg: adds `p_bh`."""
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table["p_bh"] = table.groupby(["arm", "seed"], dropna=False)["p"].transform(lambda p: benjamini_hochberg(list(p)))
    return table


def _slices(cell: Cell, metric: str) -> Iterator[tuple[str, str, Mask]]:
    """(kind, value, clips) of every slice; a trait counts where the corpus names two values at least."""
    length = cell.clips[f"{metric}_length"].to_numpy()
    edges = np.unique(np.quantile(length, np.arange(1, QUARTILES) / QUARTILES, method="inverted_cdf"))
    quartile = np.searchsorted(edges, length)
    for number in np.unique(quartile):
        mask = quartile == number
        yield "length", f"{length[mask].min()}-{length[mask].max()}", mask
    for trait in TRAITS:
        values = cell.clips[trait].to_numpy(dtype=str)
        named = sorted(set(values) - {""})
        if len(named) > 1:
            yield from ((trait, value, values == value) for value in named)


def _masked(cell: Cell, arm: str, control: str, metric: str, mask: Mask) -> PairedSums:
    columns = ((control, "errors"), (arm, "errors"), (arm, "length"))
    return PairedSums(*(cell.by_unit(cell.arms[name][f"{metric}_{column}"] * mask) for name, column in columns))
