"""A comparison of two files as JSON: the documented keys, points and per cent as numbers, null where there is none."""

import math
from typing import Any

EDITS = ("errors", "length", "rate", "substitutions", "deletions", "insertions")
MAPSSWE = ("segments", "mean", "sd", "z", "p")


def to_json(row: dict[str, Any]) -> dict[str, Any]:
    """Rates and deltas in percentage points, delta = converted - control; changed and the like in per cent."""
    result = {
        "condition": row["condition"],
        "language": row["language"],
        "metric": row["metric"],
        "utterances": row["clips"],
        "speakers": row["speakers"],
        "unit": row["unit"],
        "control": {name: row[f"control_{name}"] for name in EDITS},
        "converted": {name: row[name] for name in EDITS},
        "delta": row["delta"],
        "ci": [row["low"], row["high"]],
        "p": row["p"],
        "p_signflip": row["p_signflip"],
        "p_clustered_t": row["p_clustered_t"],
        "mapsswe": {name: row[f"mapsswe_{name}"] for name in MAPSSWE},
        "percentile_ci": [row["percentile_low"], row["percentile_high"]],
        "relative_delta": row["relative_delta"],
        "relative_ci": [row["relative_low"], row["relative_high"]],
        "mde": row["mde"],
        "direction": row["direction"],
        "margin": row["margin"],
        "disagree": [name for name in row["disagree"].split(", ") if name],
        "capped": {"delta": row["capped_delta"], "ci": [row["capped_low"], row["capped_high"]], "p": row["capped_p"]},
        "loop_driven": row["loop_driven"],
        "loops": {"control": row["control_loops"], "converted": row["loops"]},
        "empties": {"control": row["control_empties"], "converted": row["empties"]},
        "changed": row["changed"],
        "improved": row["improved"],
        "worsened": row["worsened"],
        "top_share": row["top_share"],
        "signature": row["signature"],
    }
    return {key: _plain(value) for key, value in result.items()}


def _plain(value: Any) -> Any:
    """Without NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
