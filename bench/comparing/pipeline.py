"""All results of a suite, from cells that come language by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.comparing.cells import Cell, Resamples
from bench.comparing.comparison import Comparison, Measurement
from bench.comparing.contrasts import Contrast, Deltas
from bench.comparing.costs import compare_cell
from bench.comparing.interactions import Interaction, compare_with_clean, judge_interactions
from bench.comparing.new_language import foresee_costs
from bench.comparing.protocol import Parameters, Protocol
from bench.comparing.results import Results
from bench.comparing.seeds import Pairs, SeedCost, judge_seeds, pair_seeds, pool_all, pool_cell
from bench.comparing.slices import Slice, compare_slices, correct_slices
from bench.comparing.summaries import Summary, summarise_costs
from bench.comparing.thresholds import Threshold, find_thresholds, judge_thresholds
from bench.comparing.training import TrainingChange, compare_training
from bench.comparing.verdicts import judge_family
from bench.scoring import METRICS, Metric
from bench.stats import BENJAMINI_HOCHBERG, HOLM, Bootstrap
from bench.suite import CLEAN, ArmId

CellKey = tuple[ArmId, Metric, str, str]
"""Arm id, metric, language and condition."""
CellDeltas = dict[CellKey, Bootstrap]


@dataclass
class _Collected:
    """What all languages give, before anything is corrected over them."""

    measurements: list[Measurement] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    seeds: list[SeedCost] = field(default_factory=list)
    training: list[TrainingChange] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    thresholds: list[Threshold] = field(default_factory=list)
    seed_pairs: dict[tuple[str, str], Pairs] = field(default_factory=dict)
    contrasts: dict[CellKey, Contrast] = field(default_factory=dict)
    zero_shot: CellDeltas = field(default_factory=dict)
    excess: CellDeltas = field(default_factory=dict)


def make_results(protocol: Protocol, languages: Iterable[Sequence[Cell]], parameters: Parameters) -> Results:
    """Everything but what pins it, of cells that come language by language, one a condition, the clean one first.

    `parameters`: the controls' are what a trend over sizes is drawn against.
    """
    collected = _Collected()
    for cells in languages:
        resamples = Resamples(protocol)
        for cell in cells:
            measurements, contrasts = compare_cell(protocol, cell, resamples.of(cell))
            collected.measurements += measurements
            collected.contrasts |= {(*key, cell.language, cell.condition): each for key, each in contrasts.items()}
        _collect_clean(protocol, cells[0], resamples, collected)
        _collect_noise(protocol, cells, resamples, collected)
    measurements = judge(protocol, collected.measurements, collected.contrasts)
    comparisons = [row for row in measurements if isinstance(row, Comparison)]
    return Results(
        signature="",
        clips="",
        measurements=tuple(measurements),
        summaries=tuple(_summarise(protocol, comparisons, collected, parameters)),
        new_languages=tuple(foresee_costs(comparisons)),
        slices=tuple(correct_slices(collected.slices)),
        seeds=tuple(judge_seeds(collected.seeds, pool_all(protocol, collected.seed_pairs, collected.seeds))),
        training=tuple(collected.training),
        interactions=tuple(judge_interactions(collected.interactions)),
        thresholds=tuple(judge_thresholds(collected.thresholds)),
    )


def judge(
    protocol: Protocol, measurements: Sequence[Measurement], contrasts: Mapping[CellKey, Contrast]
) -> list[Measurement]:
    """Every comparison with its verdict; in the order of the suite's arms and conditions, words before characters.

    Corrected after Holm over the languages of an arm's clean cells, a family declared beforehand; after Benjamini and
    Hochberg over the grid of its languages and other conditions, which is exploratory.
    """
    families: dict[tuple[ArmId, Metric, bool], list[Comparison]] = {}
    for row in measurements:
        if isinstance(row, Comparison):
            families.setdefault((row.arm, row.metric, row.condition == CLEAN), []).append(row)
    judged: list[Measurement] = [row for row in measurements if not isinstance(row, Comparison)]
    for (_, _, is_clean), family in families.items():
        made_of = [contrasts[row.arm, row.metric, row.language, row.condition] for row in family]
        judged += judge_family(protocol, family, made_of, HOLM if is_clean else BENJAMINI_HOCHBERG)
    arms = [arm.id for arm in protocol.arms]
    conditions = [condition.name for condition in protocol.conditions]
    return sorted(
        judged,
        key=lambda row: (arms.index(row.arm), conditions.index(row.condition), METRICS.index(row.metric)),
    )


def _collect_clean(protocol: Protocol, cell: Cell, resamples: Resamples, collected: _Collected) -> None:
    """What is looked at without noise only."""
    weights = resamples.of(cell)
    collected.slices += compare_slices(protocol, cell, weights)
    collected.seeds += pool_cell(protocol, cell)
    collected.seed_pairs[cell.language, cell.condition] = pair_seeds(protocol, cell)
    training, zero_shot = compare_training(protocol, cell, weights)
    collected.training += training
    collected.zero_shot |= _keyed(cell, zero_shot)


def _collect_noise(protocol: Protocol, cells: Sequence[Cell], resamples: Resamples, collected: _Collected) -> None:
    """Every other condition held against the clean one, and ladders as curves."""
    if not protocol.converted:
        return
    clean, *others = cells
    for cell in others:
        interactions, excess = compare_with_clean(protocol, clean, cell, resamples)
        collected.interactions += interactions
        collected.excess |= _keyed(cell, excess)
    by_name = {cell.condition: cell for cell in cells}
    for ladder, rungs in protocol.ladders.items():
        of_ladder = [(snr_db, by_name[name]) for name, snr_db in rungs.items()]
        collected.thresholds += find_thresholds(protocol, ladder, clean, of_ladder, resamples)


def _keyed(cell: Cell, deltas: Deltas) -> CellDeltas:
    return {(*key, cell.language, cell.condition): delta for key, delta in deltas.items()}


def _summarise(
    protocol: Protocol, comparisons: Sequence[Comparison], collected: _Collected, parameters: Parameters
) -> list[Summary]:
    deltas = {key: contrast.errors for key, contrast in collected.contrasts.items()}
    return [
        *summarise_costs(protocol, comparisons, deltas, parameters),
        *summarise_costs(protocol, comparisons, collected.zero_shot, parameters, "zero-shot"),
        *summarise_costs(protocol, comparisons, collected.excess, parameters, "more than clean"),
    ]
