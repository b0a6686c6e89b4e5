"""`python -m bench.conversion_study [FOLDER]`: an hour on two idle cores; an interrupted run goes on.

Models, decodes and finished timings are kept in FOLDER/parts.
"""

import re
import sys
from pathlib import Path

import pandas as pd
from rich.console import Console

from bench.conversion_study.agreement import measure_agreement
from bench.conversion_study.latency import measure_latency
from bench.conversion_study.quality import measure_quality
from bench.conversion_study.record import write_record
from bench.model_folders import demo_models

ORIGINAL = r"demo:\d+-control(-seed0)?"
"""One control of each size."""


def main(folder: Path) -> None:
    """Every original of the demo: its conversions and its exact twin in half precision; then the time caches take."""
    parts, console = folder / "parts", Console(stderr=True)
    originals = [model for model in demo_models() if re.fullmatch(ORIGINAL, model)]
    quality = pd.concat([measure_quality(model, parts / model.replace(":", "-"), console) for model in originals])
    agreement = pd.concat([measure_agreement(model) for model in originals])
    latency = pd.DataFrame(measure_latency(parts, "cpu"))
    write_record(quality, agreement, latency, folder)
    for table in (quality, agreement, latency):
        print(table.round(4).to_string(index=False), end="\n\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results/conversion"))
