"""`python -m bench.conversion_study.real [FOLDER]`: some hours on two idle cores; an interrupted run goes on."""

import sys
from functools import partial
from pathlib import Path

import pandas as pd
from rich.console import Console

from bench.conversion_study.real.costs import measure_costs
from bench.conversion_study.real.divergences import measure_divergences
from bench.io.files import write_atomically, write_text


def main(folder: Path) -> None:
    """Writes real-divergence.csv and real-cost.csv; what they are made from is kept in FOLDER/parts."""
    work = folder / "parts" / "real"
    measured = {"real-divergence": measure_divergences(work)}
    _write(folder, measured)
    _write(folder, {"real-cost": measure_costs(work, Console(stderr=True))})


def _write(folder: Path, tables: dict[str, list[dict[str, object]]]) -> None:
    for name, rows in tables.items():
        table = pd.DataFrame(rows)
        write_atomically(folder / f"{name}.csv", partial(write_text, table.to_csv(index=False, float_format="%.6g")))
        print(table.round(4).to_string(index=False), end="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/conversion"))
