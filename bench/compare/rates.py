"""What a comparison row says of an arm alone, and of the control beside it."""

from typing import Any

import pandas as pd

from bench.compare.cells import Cell
from bench.compare.counting import COUNTS
from bench.compare.protocol import Protocol
from bench.scoring import ErrorCounts
from bench.suite import ArmSpec

SPEECH_MARGIN = 15.9
"""How far (dB) a clip's own background must lie below its speech for the speech to have a level (ITU-T P.56)."""


def describe_arm(protocol: Protocol, cell: Cell, arm: ArmSpec, metric: str) -> dict[str, Any]:
    """What a row says of the arm alone."""
    control = protocol.controls.get(arm.id)
    return {
        "arm": arm.name,
        "seed": arm.seed,
        "control": control.id if control else None,
        "family": arm.family,
        "language": cell.language,
        "condition": cell.condition,
        "metric": metric,
        "primary": protocol.primary(cell.language) == metric,
        "clips": len(cell.clips),
        "speakers": cell.speakers,
        "unit": cell.unit,
        "unit_note": cell.unit_note,
        "unreadable": cell.unreadable,
        "word_growth": word_growth(cell.clips),
        "masked": int((cell.clips["speech_db"] - cell.clips["background_db"] < SPEECH_MARGIN).sum()),
        "truncated": int((cell.clips["audio_status"] == "truncated").sum()),
        "floor": False,
        "significant": False,
        **_described("", cell, arm.id, metric),
    }


def describe_control(protocol: Protocol, cell: Cell, control: ArmSpec, metric: str) -> dict[str, Any]:
    """The control beside it. The floor is read off the control only."""
    described = _described("control_", cell, control.id, metric)
    return described | {"floor": described["control_rate"] > getattr(protocol.statistics.floor, metric)}


def _described(prefix: str, cell: Cell, arm_id: str, metric: str) -> dict[str, Any]:
    rows = cell.arms[arm_id]
    counts = ErrorCounts(*(int(rows[f"{metric}_{name}"].sum()) for name in COUNTS))
    values = {name: getattr(counts, name) for name in (*COUNTS, "errors")}
    values |= {
        "rate": per_cent(counts.errors, counts.length),
        "capped_rate": per_cent(int(rows[f"{metric}_capped"].sum()), counts.length),
        "loops": int(rows["loop"].sum()),
        "empties": int(rows["empty"].sum()),
    }
    return {f"{prefix}{name}": value for name, value in values.items()}


def word_growth(clips: pd.DataFrame) -> float:
    """How many words the normaliser makes of one that was written."""
    written = int(clips["written_words"].sum())
    return float(clips["wer_length"].sum() / written) if written else float("nan")


def per_cent(errors: int, length: int) -> float:
    return 100 * errors / length if length else float("nan")
