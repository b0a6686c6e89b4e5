"""Whether conversion costs more under a condition than without it, and how many decibels of noise that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.compare.cells import Cell, Floats
from bench.compare.protocol import ALPHA, METRICS, Protocol
from bench.compare.resamples import Resamples
from bench.stats import (
    Bootstrap,
    PairedSums,
    benjamini_hochberg,
    bootstrap_deltas,
    bootstrap_log_contrasts,
    minimum_detectable_effect,
    threshold_shift,
)
from bench.suite import ArmSpec

Row = dict[str, Any]
SAME_RATE = 2.0
"""Times the control's clean rate: the rate at which two curves are compared."""
GRID = ["arm", "seed", "metric"]
"""What one grid of exploratory tests belongs to; over its languages and conditions p-values are corrected."""


def compare_with_clean(
    protocol: Protocol, clean: Cell, cell: Cell, resamples: Resamples
) -> tuple[list[Row], dict[tuple[str, str], Bootstrap]]:
    """A row a converted arm and metric: how the cost under a condition differs from the clean one, two ways.

    `difference`: cost minus clean cost, in points. `ratio`: relative error rate of the converted arm over the clean
    one. Both over the clips that are readable in both cells, from the same resamples of speakers, for a cost may well
    grow in points while all errors do, and neither scale is the true one. `capped_difference`: with each clip's errors
    at most its length. `mde_alone`: the difference that a test of this cell alone would find with 80 % chance. And the
    bootstrap of every difference.
    """
    clean, cell = in_common([clean, cell])
    weights = resamples.of(cell)
    keys = [(arm, metric) for arm in protocol.converted for metric in METRICS]
    sums = [_sums(protocol, clean, cell, *key) for key in keys]
    differences = bootstrap_deltas([_difference(of_key) for of_key in sums], weights)
    capped = bootstrap_deltas([_difference(_sums(protocol, clean, cell, *key, "capped")) for key in keys], weights)
    ratios = bootstrap_log_contrasts([of_key[:, :4] for of_key in sums], (1, -1, -1, 1), weights)
    rows, bootstraps = [], {}
    for (arm, metric), of_key, difference, ratio, cut in zip(keys, sums, differences, ratios, capped, strict=True):
        rows.append(_row(protocol, cell, arm, metric, of_key) | _tests(difference, ratio, cut))
        bootstraps[arm.id, metric] = difference
    return rows, bootstraps


def judge_interactions(rows: Sequence[Row]) -> pd.DataFrame:
    """Corrects both p-values after Benjamini and Hochberg over each arm's grid of languages and conditions.

    `hurts_more` only where both are significant and positive, and the control is not beyond its floor.
    """
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    for name in ("p_difference", "p_ratio"):
        grid = table.groupby(GRID, dropna=False)[name]
        table[f"{name}_bh"] = grid.transform(lambda p: benjamini_hochberg(list(p)))
    agree = (table["p_difference_bh"] <= ALPHA) & (table["p_ratio_bh"] <= ALPHA)
    table["hurts_more"] = agree & (table["difference"] > 0) & (table["ratio"] > 1) & ~table["floor"]
    return table


def find_thresholds(
    protocol: Protocol, ladder: str, clean: Cell, rungs: Sequence[tuple[float, Cell]], resamples: Resamples
) -> list[Row]:
    """A row a converted arm, in the language's primary metric: the SNR at which it and its control reach one rate.

    That rate is twice the control's clean one; both curves are made to fall with the SNR (isotonic regression).
    """
    ascending = sorted(rungs, key=lambda rung: rung[0])
    snr_db = np.array([snr for snr, _ in ascending])
    clean, *cells = in_common([clean, *(cell for _, cell in ascending)])
    metric = protocol.primary(clean.language)
    length = clean.by_unit(clean.clips[f"{metric}_length"])
    rows = []
    for arm in protocol.converted:
        control = protocol.controls[arm.id].id
        curves = [_errors(cells, name, metric) for name in (control, arm.id)]
        of_clean = _errors([clean], control, metric)[:, 0]
        shift = threshold_shift(snr_db, curves[0], curves[1], of_clean, length, resamples.of(clean), SAME_RATE, ALPHA)
        rows.append(
            {
                "arm": arm.name,
                "seed": arm.seed,
                "control": control,
                "language": clean.language,
                "ladder": ladder,
                "metric": metric,
                "clips": len(clean.clips),
                "rate": 100 * shift.target,
                "control_snr_db": shift.control,
                "snr_db": shift.converted,
                "shift_db": shift.shift,
                "low": shift.low,
                "high": shift.high,
                "p": shift.p,
            }
        )
    return rows


def judge_thresholds(rows: Sequence[Row]) -> pd.DataFrame:
    """Corrects the shifts' p-values after Benjamini and Hochberg over each arm's ladders and languages; `shifted` marks
    those that remain.
    """
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table["p_bh"] = table.groupby(["arm", "seed"], dropna=False)["p"].transform(lambda p: benjamini_hochberg(list(p)))
    table["shifted"] = table["p_bh"] <= ALPHA
    return table


def in_common(cells: Sequence[Cell]) -> list[Cell]:
    """The cells over the clips that are readable in all of them: mostly they are the same anyway."""
    ids = [set(cell.clips["utterance_id"]) for cell in cells]
    shared = set.intersection(*ids)
    return [cell if len(own) == len(shared) else cell.over(shared) for cell, own in zip(cells, ids, strict=True)]


def _errors(cells: Sequence[Cell], arm: str, metric: str) -> Floats:
    """(G, cells): one arm's errors a speaker."""
    return np.stack([cell.by_unit(cell.arms[arm][f"{metric}_errors"]) for cell in cells], axis=1)


def _sums(protocol: Protocol, clean: Cell, cell: Cell, arm: ArmSpec, metric: str, measure: str = "errors") -> Floats:
    """(G, 5): errors of arm and control under the condition, the same without it, and the reference length."""
    control, column = protocol.controls[arm.id].id, f"{metric}_{measure}"
    values = [each.by_unit(each.arms[name][column]) for each in (cell, clean) for name in (arm.id, control)]
    return np.stack([*values, cell.by_unit(cell.clips[f"{metric}_length"])], axis=1)


def _difference(sums: Floats) -> PairedSums:
    arm, control, clean_arm, clean_control, length = sums.T
    return PairedSums.of_differences((arm - control) - (clean_arm - clean_control), length)


def _row(protocol: Protocol, cell: Cell, arm: ArmSpec, metric: str, sums: Floats) -> Row:
    of_arm, control, clean_arm, clean_control, length = sums.sum(axis=0)
    rate = 100 * control / length if length else float("nan")
    return {
        "arm": arm.name,
        "seed": arm.seed,
        "control": protocol.controls[arm.id].id,
        "language": cell.language,
        "condition": cell.condition,
        "metric": metric,
        "primary": protocol.primary(cell.language) == metric,
        "clips": len(cell.clips),
        "floor": bool(rate > getattr(protocol.statistics.floor, metric)),
        "cost": 100 * (of_arm - control) / length if length else float("nan"),
        "clean_cost": 100 * (clean_arm - clean_control) / length if length else float("nan"),
    }


def _tests(difference: Bootstrap, ratio: Bootstrap, capped: Bootstrap) -> Row:
    low, high = difference.interval(ALPHA)
    capped_low, capped_high = capped.interval(ALPHA)
    with np.errstate(over="ignore"):
        ratio_low, ratio_high = (float(np.exp(bound)) for bound in ratio.interval(ALPHA))
    return {
        "difference": 100 * difference.estimate,
        "low": 100 * low,
        "high": 100 * high,
        "p_difference": difference.p,
        "mde_alone": 100 * minimum_detectable_effect(difference.standard_error, difference.critical(ALPHA)),
        "capped_difference": 100 * capped.estimate,
        "capped_low": 100 * capped_low,
        "capped_high": 100 * capped_high,
        "ratio": float(np.exp(ratio.estimate)),
        "ratio_low": ratio_low,
        "ratio_high": ratio_high,
        "p_ratio": ratio.p,
    }
