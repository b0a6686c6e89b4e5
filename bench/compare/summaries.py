"""Medians over languages, each with its row set named."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class MedianCost:
    """Median delta over the rows of one arm in which a metric is primary, in percentage points.

    `without_floors` leaves out the languages in `floors`; None where nothing would be left.
    """

    metric: str
    languages: tuple[str, ...]
    cost: float
    without_floors: float | None
    floors: tuple[str, ...]


def median_costs(comparisons: pd.DataFrame) -> list[MedianCost]:
    """WER-primary and CER-primary rows apart, each with and without its floor rows."""
    costs = comparisons[comparisons["primary"] & comparisons["delta"].notna()]
    medians = []
    for metric in ("wer", "cer"):
        rows = costs[costs["metric"] == metric]
        floor = rows["floor"].astype(bool)
        kept = rows.loc[~floor, "delta"]
        if len(rows):
            without = float(kept.median()) if len(kept) else None
            floors = tuple(rows.loc[floor, "language"])
            medians.append(MedianCost(metric, tuple(rows["language"]), float(rows["delta"].median()), without, floors))
    return medians
