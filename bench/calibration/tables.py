"""Tables of a calibration, as they are recorded."""

from functools import partial
from pathlib import Path

import pandas as pd

from bench.io.files import write_atomically, write_text


def write_table(table: pd.DataFrame, path: Path) -> None:
    """As CSV, numbers to four decimals. Raises BenchError where it cannot be written."""
    write_atomically(path, partial(write_text, table.round(4).to_csv(index=False)))
