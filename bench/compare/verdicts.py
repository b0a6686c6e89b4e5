"""Corrections over a family of languages, and the verdicts that rest on them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.compare.protocol import ALPHA
from bench.stats import against_margin, direction, holm

Row = dict[str, Any]
Correction = Callable[[Sequence[float]], list[float]]
FEWEST_IDENTICAL = 30
"""Identical transcripts that are taken to show a margin."""
BESIDE = {
    "percentile": "p_percentile",
    "sign-flip": "p_signflip",
    "clustered t": "p_clustered_t",
    "MAPSSWE": "mapsswe_p",
}
"""The methods that stand beside the bootstrap, and the columns of their p-values."""


def judge_family(family: Sequence[Row], margin: float | None, adjust: Correction = holm) -> list[Row]:
    """Adds flags and verdicts to rows of one arm and metric; a control's rows stay as they are.

    Every p is corrected over the family: after Holm where it was declared beforehand, after Benjamini and Hochberg
    where it is an exploratory grid. `significant` is the mark; floor rows count in the family and bear
    none. `disagree` names the methods whose own corrected p would set another flag; `loop_driven` rows loop, and their
    capped delta sets another flag. `margin` compares the 90 % interval, unadjusted.
    """
    if family[0]["control"] is None:
        return list(family)
    flags = {column: _flags(family, column, adjust) for column in ("p", "capped_p", *BESIDE.values())}
    adjusted = adjust([row["p"] for row in family])
    judged = []
    for i, row in enumerate(family):
        flag = flags["p"][i]
        loops = row["loops"] + row["control_loops"] > 0
        significant = flag and not row["floor"]
        verdict = {
            "p_adjusted": adjusted[i],
            "significant": significant,
            "disagree": ", ".join(_dissenting(row, flags, i)),
            "loop_driven": loops and flags["capped_p"][i] != flag,
            "direction": "floor" if row["floor"] else direction(significant, row["delta"]),
            "margin": None if margin is None or row["floor"] else _against(row, margin),
        }
        judged.append(row | verdict)
    return judged


def _against(row: Row, margin: float) -> str:
    """Where no error count differs, an interval of no width shows nothing, unless no transcript differs of many."""
    if row["standard_error"] == 0 and (row["changed"] > 0 or row["clips"] < FEWEST_IDENTICAL):
        return "undecided"
    return against_margin(row["low90"], row["high90"], margin)


def _flags(family: Sequence[Row], column: str, adjust: Correction) -> list[bool]:
    return [bool(p <= ALPHA) for p in adjust([row[column] for row in family])]


def _dissenting(row: Row, flags: Mapping[str, Sequence[bool]], i: int) -> list[str]:
    """Methods that have a p and would set another flag."""
    return [
        method for method, column in BESIDE.items() if not math.isnan(row[column]) and flags[column][i] != flags["p"][i]
    ]
