"""Training seeds of one name, each against the control of its seed: a statement about the method."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.compare.cells import Cell
from bench.compare.protocol import ALPHA, METRICS, Protocol
from bench.stats import PairedSums, PooledSeeds, direction, holm, pool_languages, pool_seeds
from bench.suite import ArmSpec

FAMILY = ["arm", "condition", "metric"]


def seeded(protocol: Protocol) -> dict[str, list[ArmSpec]]:
    """The converted arms that were trained from several seeds, by name."""
    names: dict[str, list[ArmSpec]] = {}
    for arm in protocol.converted:
        names.setdefault(arm.name, []).append(arm)
    return {name: arms for name, arms in names.items() if len(arms) > 1}


Pairs = dict[tuple[str, str], list[PairedSums]]
"""By an arm's name and a metric: each training seed's pair with its control."""


def pair_seeds(protocol: Protocol, cell: Cell) -> Pairs:
    """Of one cell."""
    return {
        (name, metric): [
            cell.sums(arm.id, protocol.controls[arm.id].id, f"{metric}_errors", f"{metric}_length") for arm in arms
        ]
        for name, arms in seeded(protocol).items()
        for metric in METRICS
    }


def pool_cell(protocol: Protocol, cell: Cell) -> list[dict[str, Any]]:
    """A row a name with several seeds and metric: the mean delta, its interval under three seeds unsaid."""
    rows = []
    for (name, metric), pairs in pair_seeds(protocol, cell).items():
        rates = [100 * sums.control.sum() / sums.length.sum() for sums in pairs] if pairs[0].length.any() else [np.nan]
        floor = bool(np.mean(rates) > getattr(protocol.statistics.floor, metric))
        primary = protocol.primary(cell.language) == metric
        row = _row(protocol, name, metric, cell.language, cell.condition, pool_seeds(pairs, ALPHA))
        rows.append(row | {"primary": primary, "control_rate": float(np.mean(rates)), "floor": floor})
    return rows


def pool_all(
    protocol: Protocol, cells: Mapping[tuple[str, str], Pairs], rows_of_cells: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row a name, condition and metric: the mean over the languages whose cost is of that metric; one test each.

    Floor rows are left out. `cells`: every cell's pairs, by language and condition; `rows_of_cells`: what `pool_cell`
    made of them.
    """
    keys = ("arm", "metric", "language", "condition")
    floors = {tuple(row[key] for key in keys) for row in rows_of_cells if row["floor"]}
    chosen: dict[tuple[str, str, str], list[list[PairedSums]]] = {}
    for (language, condition), pairs in cells.items():
        for (name, metric), of_seeds in pairs.items():
            if protocol.primary(language) == metric and (name, metric, language, condition) not in floors:
                chosen.setdefault((name, condition, metric), []).append(of_seeds)
    rows = []
    for (name, condition, metric), languages in chosen.items():
        pooled = pool_languages(languages, ALPHA)
        row = _row(protocol, name, metric, f"mean of {len(languages)}", condition, pooled)
        marked = pooled.p <= ALPHA
        judged = {"p_adjusted": pooled.p, "significant": marked, "direction": direction(marked, pooled.delta)}
        rows.append(row | {"primary": True, "control_rate": np.nan, "floor": False} | judged)
    return rows


def _row(
    protocol: Protocol, name: str, metric: str, language: str, condition: str, pooled: PooledSeeds
) -> dict[str, Any]:
    controls = {protocol.controls[arm.id].id for arm in seeded(protocol)[name]}
    return {
        "arm": name,
        "language": language,
        "condition": condition,
        "metric": metric,
        "seeds": pooled.seeds,
        "controls": len(controls),
        "delta": 100 * pooled.delta,
        "standard_error": 100 * pooled.standard_error,
        "df": pooled.df,
        "low": 100 * pooled.low,
        "high": 100 * pooled.high,
        "p": pooled.p,
    }


def judge_seeds(rows: list[dict[str, Any]], means: list[dict[str, Any]]) -> pd.DataFrame:
    """Holm's correction over the languages of one name, condition and metric; then the means, as they are."""
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table["p_adjusted"] = table.groupby(FAMILY)["p"].transform(lambda p: holm(list(p)))
    table["significant"] = (table["p_adjusted"] <= ALPHA) & ~table["floor"]
    table["direction"] = [
        direction(bool(significant), delta)
        for significant, delta in zip(table["significant"], table["delta"], strict=True)
    ]
    return pd.concat([table, pd.DataFrame(means)], ignore_index=True)
