"""What is written beside a recovered model: how it was trained, every step's loss, and a picture of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from bench.errors import BenchError
from bench.io.documents import read_json
from bench.io.files import write_atomically, write_text

RECORD = "recovery.json"
SMOOTHED = 20
"""Steps over which a drawn loss is averaged."""


def read_record(folder: Path, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Of a training that is finished; None where the folder is new.

    Raises BenchError where it holds something else, and says in what the trainings differ.
    """
    path = folder / RECORD
    if path.is_file():
        way_out = "remove the folder, or name another one as model"
        record = read_json(path, way_out)
        if not isinstance(record, dict) or "key" not in record or not _has_ends(record.get("losses")):
            raise BenchError(f"{path} is damaged: it is no record of a training; {way_out}")
        if record["key"] == about["key"]:
            return record
        differing = ", ".join(name for name in about if name != "key" and record.get(name) != about[name])
        raise BenchError(f"{folder}: was trained with other {differing}; remove it or name another folder")
    if folder.exists():
        raise BenchError(f"{folder}: exists and was not made by `bench recover`; name another folder as model")
    return None


def _has_ends(losses: Any) -> bool:
    return isinstance(losses, dict) and all(isinstance(losses.get(end), int | float) for end in ("first", "last"))


def write_losses(folder: Path, arm: str, losses: Mapping[str, Sequence[float]]) -> None:
    """losses.csv, a column an arm of the group, and loss.png with this arm's on top."""
    header = ",".join(["step", *losses])
    steps = enumerate(zip(*losses.values(), strict=True))
    rows = [",".join([str(step), *(f"{loss:.6g}" for loss in row)]) for step, row in steps]
    write_atomically(folder / "losses.csv", partial(write_text, "\n".join([header, *rows]) + "\n"))
    write_atomically(folder / "loss.png", partial(_draw(arm, losses).savefig, format="png", dpi=110))


def _draw(arm: str, losses: Mapping[str, Sequence[float]]) -> Figure:
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    for name, values in losses.items():
        width = max(1, min(SMOOTHED, len(values) // 4))
        smooth = np.convolve(values, np.ones(width) / width, mode="valid")
        weight = 2 if name == arm else 1
        axes.plot(np.arange(len(smooth)) + width, smooth, label=name, linewidth=weight, zorder=weight)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats a token")
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
