"""Everything that comparing computes, language by language and then family by family, from counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pandas as pd

from bench.compare.cells import Cell
from bench.compare.costs import compare_cell
from bench.compare.interactions import compare_with_clean, find_thresholds, judge_interactions, judge_thresholds
from bench.compare.protocol import METRICS, Protocol
from bench.compare.resamples import Resamples
from bench.compare.seeds import Pairs, judge_seeds, pair_seeds, pool_all, pool_cell
from bench.compare.slices import compare_slices, correct_slices
from bench.compare.summaries import summarise_costs
from bench.compare.training import ZERO_SHOT, compare_training
from bench.compare.verdicts import judge_family
from bench.stats import Bootstrap, benjamini_hochberg, holm
from bench.suite import CLEAN

Row = dict[str, Any]
Deltas = dict[tuple[str, str, str, str], Bootstrap]
"""By arm id, metric, language and condition."""
MORE_THAN_CLEAN = "more than clean:"


@dataclass(frozen=True, eq=False)
class Tables:
    """What reports are rendered from.

    `comparisons`: a row an arm, cell and metric. `summaries`: medians, means and trends. `slices`: costs in parts of a
    cell, exploratory. `seeds`: training seeds pooled. `training`: what training changed, and conversion before it.
    `interactions`: how costs under a condition differ from clean ones, exploratory. `thresholds`: the noise at which
    arms reach one rate. All but the first may be empty; slices, seeds and training are of clean cells only.
    """

    comparisons: pd.DataFrame
    summaries: pd.DataFrame
    slices: pd.DataFrame
    seeds: pd.DataFrame
    training: pd.DataFrame
    interactions: pd.DataFrame
    thresholds: pd.DataFrame

    def named(self) -> dict[str, pd.DataFrame]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass
class _Collected:
    """The rows of all languages, before anything is corrected over them."""

    comparisons: list[Row] = field(default_factory=list)
    slices: list[Row] = field(default_factory=list)
    seeds: list[Row] = field(default_factory=list)
    training: list[Row] = field(default_factory=list)
    interactions: list[Row] = field(default_factory=list)
    thresholds: list[Row] = field(default_factory=list)
    seed_pairs: dict[tuple[str, str], Pairs] = field(default_factory=dict)
    deltas: Deltas = field(default_factory=dict)
    zero_shot: Deltas = field(default_factory=dict)
    excess: Deltas = field(default_factory=dict)


def make_tables(
    protocol: Protocol, languages: Iterable[Sequence[Cell]], parameters: Mapping[str, int | None]
) -> Tables:
    """All tables of the cells, which come language by language, one a condition, the clean one first.

    `parameters` are the arms' sizes by arm id, where known: the controls' are what a trend over sizes is drawn against.
    """
    found = _Collected()
    for cells in languages:
        resamples = Resamples(protocol)
        for cell in cells:
            rows, deltas = compare_cell(protocol, cell, resamples.of(cell))
            found.comparisons += rows
            found.deltas |= _keyed(cell, deltas)
        _collect_clean(protocol, cells[0], resamples, found)
        _collect_noise(protocol, cells, resamples, found)
    comparisons = _judged(protocol, found.comparisons)
    kinds = (("", found.deltas), (f"{ZERO_SHOT} ", found.zero_shot), (f"{MORE_THAN_CLEAN} ", found.excess))
    summaries = [_summarised(protocol, comparisons, deltas, parameters, prefix) for prefix, deltas in kinds]
    return Tables(
        comparisons,
        pd.concat(summaries, ignore_index=True),
        correct_slices(found.slices),
        judge_seeds(found.seeds, pool_all(protocol, found.seed_pairs, found.seeds)),
        pd.DataFrame(found.training),
        judge_interactions(found.interactions),
        judge_thresholds(found.thresholds),
    )


def _collect_clean(protocol: Protocol, cell: Cell, resamples: Resamples, found: _Collected) -> None:
    """What is looked at without noise only."""
    weights = resamples.of(cell)
    found.slices += compare_slices(protocol, cell, weights)
    found.seeds += pool_cell(protocol, cell)
    found.seed_pairs[cell.language, cell.condition] = pair_seeds(protocol, cell)
    rows, zero_shot = compare_training(protocol, cell, weights)
    found.training += rows
    found.zero_shot |= _keyed(cell, zero_shot)


def _collect_noise(protocol: Protocol, cells: Sequence[Cell], resamples: Resamples, found: _Collected) -> None:
    """Every other condition held against the clean one, and ladders as curves."""
    if not protocol.converted:
        return
    clean, *others = cells
    for cell in others:
        rows, excess = compare_with_clean(protocol, clean, cell, resamples)
        found.interactions += rows
        found.excess |= _keyed(cell, excess)
    by_name = {cell.condition: cell for cell in cells}
    for ladder, rungs in protocol.ladders.items():
        of_ladder = [(snr_db, by_name[name]) for name, snr_db in rungs.items()]
        found.thresholds += find_thresholds(protocol, ladder, clean, of_ladder, resamples)


def _keyed(cell: Cell, deltas: Mapping[tuple[str, str], Bootstrap]) -> Deltas:
    return {(*key, cell.language, cell.condition): delta for key, delta in deltas.items()}


def _summarised(
    protocol: Protocol,
    comparisons: pd.DataFrame,
    deltas: Deltas,
    parameters: Mapping[str, int | None],
    prefix: str,
) -> pd.DataFrame:
    """Over the converted arms and the conditions that have such deltas; statistics are named with the prefix."""
    arms = {key[0] for key in deltas}
    known = {arm: control for arm, control in protocol.controls.items() if arm in arms}
    rows = comparisons[comparisons["condition"].isin({key[3] for key in deltas})]
    summaries = summarise_costs(replace(protocol, controls=known), rows, deltas, parameters)
    return summaries if summaries.empty else summaries.assign(statistic=prefix + summaries["statistic"])


def _judged(protocol: Protocol, rows: list[Row]) -> pd.DataFrame:
    """By arm, condition and metric; in that order.

    Corrected after Holm over the languages of an arm's clean cells, a family declared beforehand; after Benjamini and
    Hochberg over the grid of its languages and other conditions, which is exploratory.
    """
    families: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        families.setdefault((row["arm"], row["seed"], row["metric"], row["condition"] == CLEAN), []).append(row)
    margin = protocol.statistics.margin
    judged = [
        row
        for (*_, clean), family in families.items()
        for row in judge_family(family, margin, holm if clean else benjamini_hochberg)
    ]
    arms = [(arm.name, arm.seed) for arm in protocol.arms]
    conditions = [condition.name for condition in protocol.conditions]
    judged.sort(
        key=lambda row: (
            arms.index((row["arm"], row["seed"])),
            conditions.index(row["condition"]),
            METRICS.index(row["metric"]),
        )
    )
    return pd.DataFrame(judged)
