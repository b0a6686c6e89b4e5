"""`python -m bench.conversion_study.real [FOLDER]`: some hours on two idle cores; an interrupted run goes on."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from bench.conversion_study.real.costs import measure_costs
from bench.conversion_study.real.divergences import measure_divergences
from bench.conversion_study.real.record import draw_costs, draw_divergences
from bench.io.files import write_atomically, write_text


def main(folder: Path) -> None:
    """Writes real-divergence and real-cost, each as CSV and PNG; what they are made from is kept in FOLDER/parts."""
    work = folder / "parts" / "real"
    _write(folder / "real-divergence", measure_divergences(work), draw_divergences)
    _write(folder / "real-cost", measure_costs(work, Console(stderr=True)), draw_costs)


def _write(path: Path, rows: list[dict[str, object]], draw: Callable[[pd.DataFrame], Figure]) -> None:
    table = pd.DataFrame(rows)
    csv = table.to_csv(index=False, float_format="%.6g")
    write_atomically(path.with_suffix(".csv"), partial(write_text, csv))
    write_atomically(path.with_suffix(".png"), partial(draw(table).savefig, format="png", dpi=130))
    print(table.round(4).to_string(index=False), end="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/conversion"))
