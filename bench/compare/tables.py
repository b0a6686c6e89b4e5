"""Everything that comparing computes, cell by cell and then family by family, from counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd

from bench.compare.cells import Cell
from bench.compare.costs import compare_cell
from bench.compare.families import judge_family
from bench.compare.protocol import METRICS, Protocol
from bench.compare.seeds import Pairs, judge_seeds, pair_seeds, pool_all, pool_cell
from bench.compare.slices import compare_slices, correct_slices
from bench.compare.summaries import summarise_costs
from bench.compare.training import ZERO_SHOT, compare_training
from bench.stats import Bootstrap


@dataclass(frozen=True, eq=False)
class Tables:
    """What reports are rendered from.

    `comparisons`: a row an arm, cell and metric. `summaries`: medians, means and trends. `slices`: costs in parts of a
    cell, exploratory. `seeds`: training seeds pooled. `training`: what training changed, and conversion before it. The
    last four may be empty.
    """

    comparisons: pd.DataFrame
    summaries: pd.DataFrame
    slices: pd.DataFrame
    seeds: pd.DataFrame
    training: pd.DataFrame

    def named(self) -> dict[str, pd.DataFrame]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def make_tables(protocol: Protocol, cells: Iterable[Cell], parameters: Mapping[str, int | None]) -> Tables:
    """All tables of the cells, which come condition by condition in the languages' order.

    `parameters` are the arms' sizes by arm id, where known: the controls' are what a trend over sizes is drawn against.
    """
    rows: list[dict[str, Any]] = []
    slices: list[dict[str, Any]] = []
    seeds: list[dict[str, Any]] = []
    training: list[dict[str, Any]] = []
    seed_pairs: dict[tuple[str, str], Pairs] = {}
    zero_shot: dict[tuple[str, str, str, str], Bootstrap] = {}
    deltas: dict[tuple[str, str, str, str], Bootstrap] = {}
    for cell in cells:
        weights = cell.weights(protocol)
        of_cell, bootstraps = compare_cell(protocol, cell, weights)
        rows += of_cell
        deltas |= {(*key, cell.language, cell.condition): delta for key, delta in bootstraps.items()}
        slices += compare_slices(protocol, cell, weights)
        seeds += pool_cell(protocol, cell)
        seed_pairs[cell.language, cell.condition] = pair_seeds(protocol, cell)
        of_training, of_starts = compare_training(protocol, cell, weights)
        training += of_training
        zero_shot |= {(*key, cell.language, cell.condition): delta for key, delta in of_starts.items()}
    comparisons = _judged(protocol, rows)
    summaries = pd.concat(
        [
            summarise_costs(protocol, comparisons, deltas, parameters),
            _of_starts(summarise_costs(_with(protocol, zero_shot), comparisons, zero_shot, parameters)),
        ],
        ignore_index=True,
    )
    pooled = judge_seeds(seeds, pool_all(protocol, seed_pairs, seeds))
    return Tables(comparisons, summaries, correct_slices(slices), pooled, pd.DataFrame(training))


def _with(protocol: Protocol, deltas: Mapping[tuple[str, str, str, str], Bootstrap]) -> Protocol:
    """The protocol of the converted arms that have such deltas."""
    known = {key[0] for key in deltas}
    return replace(protocol, controls={arm: control for arm, control in protocol.controls.items() if arm in known})


def _of_starts(summaries: pd.DataFrame) -> pd.DataFrame:
    """Named as what conversion does before training."""
    return summaries if summaries.empty else summaries.assign(statistic=f"{ZERO_SHOT} " + summaries["statistic"])


def _judged(protocol: Protocol, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Corrected over the languages of each arm, condition and metric; in that order."""
    families: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        families.setdefault((row["arm"], row["seed"], row["condition"], row["metric"]), []).append(row)
    ordered = [
        row
        for arm in protocol.arms
        for condition in dict.fromkeys(row["condition"] for row in rows)
        for metric in METRICS
        for row in judge_family(families[arm.name, arm.seed, condition, metric], protocol.statistics.margin)
    ]
    return pd.DataFrame(ordered)
