"""`python -m bench.faults [FOLDER]`: twenty minutes of processor time; ends with 1 where anything was at fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.faults.kills import COMMANDS, Kill, make_kills
from bench.faults.mutants import Mutant, make_mutants
from bench.faults.record import count_mutants, list_kills, list_repeats, write_table
from bench.faults.repeats import growth_of, measure_repeats

SEEDS, MUTANTS = (1, 2, 3), 1000
KILLS_EACH, REPEATS = 6, 15
MOST_GROWTH = 0.05


def main(folder: Path) -> int:
    """Everything, with a line for each fault as it comes, and each table as soon as it is known; the exit code."""
    with TemporaryDirectory(prefix="bench-faults-") as scratch:
        places = [Path(scratch) / str(number) for number in range(len(SEEDS) + 2)]
        for place in places:
            place.mkdir()
        kills = [_shown(kill) for kill in make_kills([*COMMANDS] * KILLS_EACH, SEEDS[0], places[0])]
        write_table(folder, "kills", list_kills(kills))
        held = measure_repeats(REPEATS, places[1])
        write_table(folder, "repeats", list_repeats(held))
        print(f"memory after {REPEATS} repeats: {100 * growth_of(held):+.1f} % of that after the third", flush=True)
        faults = sum(bool(kill.fault or kill.again) for kill in kills) + (growth_of(held) > MOST_GROWTH)
        tables: list[pd.DataFrame] = []
        for seed, place in zip(SEEDS, places[2:], strict=True):
            mutants = list(_told(make_mutants(MUTANTS, seed, place), seed))
            faults += sum(bool(mutant.fault) for mutant in mutants)
            tables.append(count_mutants(seed, mutants))
            write_table(folder, "mutants", pd.concat(tables))
    print(f"{faults} faults")
    return int(faults > 0)


def _shown(kill: Kill) -> Kill:
    print(kill, flush=True)
    return kill


def _told(mutants: Iterator[Mutant], seed: int) -> Iterator[Mutant]:
    for mutant in mutants:
        if mutant.fault:
            print(f"seed {seed}: {mutant}", flush=True)
        yield mutant


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/faults")))
