"""`python -m bench.calibration [FOLDER]`: half an hour on one core; an interrupted run goes on.

The last ten minutes, of languages not measured, start again.
"""

import sys
from pathlib import Path

import pandas as pd
from rich.console import Console

from bench.calibration.corpora import SCENARIOS
from bench.calibration.new_language import write_new_language
from bench.calibration.record import summarise_scenario, write_record
from bench.calibration.study import Study, calibrate, family_errors
from bench.progress import progress_bar


def main(folder: Path) -> None:
    """Everything the record holds, at the settings decided beforehand."""
    study = Study()
    quiet = [(number, scenario) for number, scenario in enumerate(SCENARIOS) if not scenario.loops]
    parts = folder / "parts"
    tables, families = [], {}
    with progress_bar(Console(stderr=True), "corpora") as progress:
        task = progress.add_task("", total=study.corpora * len(SCENARIOS))
        for number, scenario in enumerate(SCENARIOS):
            progress.update(task, description=scenario.name)
            outcomes, truths = calibrate(study, scenario, number, parts, lambda n: progress.advance(task, n))
            tables.append(summarise_scenario(scenario, outcomes, truths))
        task = progress.add_task("families of eleven languages", total=study.families * len(quiet))
        for number, scenario in quiet:
            marked = family_errors(study, scenario, number, parts, lambda n: progress.advance(task, n))
            families[scenario.name] = float(marked["marked"].mean())
    table = pd.concat(tables, ignore_index=True)
    write_record(study, table, families, folder)
    print(table.round(3).to_string(index=False))
    print("family-wise error after Holm's correction:", families)
    print(write_new_language(folder).round(3).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/calibration"))
