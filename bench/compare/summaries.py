"""Medians over languages, each with its row set named."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class MedianCost:
    """Median of the primary metric's delta over some rows of one arm's table, in percentage points."""

    metric: str
    rows: str
    languages: int
    cost: float


def median_costs(comparisons: pd.DataFrame) -> list[MedianCost]:
    """WER-primary and CER-primary rows apart, each over all rows and, where some are floors, without them."""
    costs = comparisons[comparisons["primary"] & comparisons["delta"].notna()]
    medians = []
    for metric in ("wer", "cer"):
        of_metric = costs[costs["metric"] == metric]
        without = of_metric[~of_metric["floor"].astype(bool)]
        for name, rows in (("with floor rows", of_metric), ("without floor rows", without)):
            if len(rows):
                medians.append(MedianCost(metric, name, len(rows), float(rows["delta"].median())))
    return medians
