"""Training seeds of one name, each against the control of its seed: a statement about the method."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.compare.cells import Cell
from bench.compare.protocol import ALPHA, METRICS, Protocol
from bench.stats import direction, holm, pool_seeds
from bench.suite import ArmSpec

FAMILY = ["arm", "condition", "metric"]


def seeded(protocol: Protocol) -> dict[str, list[ArmSpec]]:
    """The converted arms that were trained from several seeds, by name."""
    names: dict[str, list[ArmSpec]] = {}
    for arm in protocol.converted:
        names.setdefault(arm.name, []).append(arm)
    return {name: arms for name, arms in names.items() if len(arms) > 1}


def pool_cell(protocol: Protocol, cell: Cell) -> list[dict[str, Any]]:
    """A row a name with several seeds and metric: the mean delta, its interval under three seeds unsaid."""
    return [_pool(protocol, cell, arms, metric) for arms in seeded(protocol).values() for metric in METRICS]


def _pool(protocol: Protocol, cell: Cell, arms: Sequence[ArmSpec], metric: str) -> dict[str, Any]:
    errors, length = f"{metric}_errors", f"{metric}_length"
    pairs = [cell.sums(arm.id, protocol.controls[arm.id].id, errors, length) for arm in arms]
    pooled = pool_seeds(pairs, ALPHA)
    rates = [100 * sums.control.sum() / sums.length.sum() for sums in pairs] if pairs[0].length.any() else [np.nan]
    return {
        "arm": arms[0].name,
        "language": cell.language,
        "condition": cell.condition,
        "metric": metric,
        "primary": protocol.primary(cell.language) == metric,
        "seeds": pooled.seeds,
        "controls": len({protocol.controls[arm.id].id for arm in arms}),
        "control_rate": float(np.mean(rates)),
        "floor": bool(np.mean(rates) > getattr(protocol.statistics.floor, metric)),
        "delta": 100 * pooled.delta,
        "standard_error": 100 * pooled.standard_error,
        "df": pooled.df,
        "low": 100 * pooled.low,
        "high": 100 * pooled.high,
        "p": pooled.p,
    }


def judge_seeds(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Holm's correction over the languages of one name, condition and metric."""
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    table["p_adjusted"] = table.groupby(FAMILY)["p"].transform(lambda p: holm(list(p)))
    table["significant"] = (table["p_adjusted"] <= ALPHA) & ~table["floor"]
    table["direction"] = [
        direction(bool(significant), delta)
        for significant, delta in zip(table["significant"], table["delta"], strict=True)
    ]
    return table
