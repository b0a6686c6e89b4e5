"""What the faults did, as a record: a row a kind of input and seed, a row a kill, a row a repeat."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from bench.faults.kills import Kill
from bench.faults.mutants import Mutant
from bench.io.files import write_atomically, write_text


def write_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """NAME.csv."""
    write_atomically(folder / f"{name}.csv", partial(write_text, table.to_csv(index=False)))


def list_kills(kills: Sequence[Kill]) -> pd.DataFrame:
    """A row a kill."""
    return pd.DataFrame(kills).round(3)


def list_repeats(held: Sequence[int]) -> pd.DataFrame:
    """A row a repeat: MiB that the process holds after it."""
    return pd.DataFrame({"repeat": range(1, len(held) + 1), "mib": [round(each / 2**20, 1) for each in held]})


def count_mutants(seed: int, mutants: Sequence[Mutant]) -> pd.DataFrame:
    """A row a target: how many were taken as they are, and refused; faults; the most processor seconds and MiB."""
    rows = pd.DataFrame(mutants)
    of_target = rows.groupby("target")
    return pd.DataFrame(
        {
            "seed": seed,
            "mutants": of_target.size(),
            "taken": of_target["code"].agg(lambda codes: int((codes == 0).sum())),
            "refused": of_target["code"].agg(lambda codes: int((codes != 0).sum())),
            "faults": of_target["fault"].agg(lambda faults: int((faults != "").sum())),
            "seconds": of_target["seconds"].max().round(1),
            "mib": (of_target["peak"].max() / 2**20).round().astype(int),
        }
    ).reset_index()
