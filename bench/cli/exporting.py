"""Verbs that hand results to other programs."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Reports, Results, SuiteArgument, load, read_records
from bench.errors import BenchError

EVERY_EVAL_EVER, TIDY = "every-eval-ever", "tidy-csv"
TRACKERS = ("trackio", "wandb")
SCHEMAS = (EVERY_EVAL_EVER, TIDY, *TRACKERS)


def export_results(
    suite: SuiteArgument,
    schema: Annotated[
        str,
        typer.Option("--schema", metavar="NAME", help="every-eval-ever, tidy-csv; or a tracker: trackio, wandb."),
    ],
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="Of a tracker; default: the suite's name.")
    ] = None,
    results: Results = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Write a suite's results as other programs read them, or log them to a tracker of experiments, a run an arm.

    every-eval-ever: its JSON schema 0.3.0, a file an arm, with uncertainties. tidy-csv: one number a row.
    """
    if schema not in SCHEMAS:
        raise BenchError(f"--schema {schema}: choose one of {', '.join(SCHEMAS)}")
    if project is not None and schema not in TRACKERS:
        raise BenchError(f"--project belongs to {' and '.join(TRACKERS)}; leave it out")
    loaded = load(suite, results=results)
    records, folder = read_records(loaded, results), reports / loaded.name
    from bench.io.files import write_atomically, write_text
    from bench.reporting.exports.every_eval_ever import every_eval_ever
    from bench.reporting.exports.tidy import tidy_csv
    from bench.reporting.exports.tracking import log_results

    if schema in TRACKERS:
        names = log_results(records, schema, project or loaded.name)
        print(f"logged {len(names)} runs to {schema}, project {project or loaded.name}: {', '.join(names)}")
        return
    now = int(time.time())
    contents = {folder / "tidy.csv": tidy_csv(records)} if schema == TIDY else {}
    if schema == EVERY_EVAL_EVER:
        for arm in loaded.arms:
            document = json.dumps(every_eval_ever(records, arm, now), indent=2, ensure_ascii=False, allow_nan=False)
            contents[folder / "every_eval_ever" / f"{arm.id}.json"] = document + "\n"
    for path, content in contents.items():
        write_atomically(path, partial(write_text, content))
        print(f"wrote {path}")
