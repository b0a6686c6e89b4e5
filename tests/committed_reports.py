"""The demo's reports as `bench-tiny` has just made them, against those that are committed.

Named apart from the test suite, which makes none: `nox -s tests -- tests/committed_reports.py`. Another processor may
decode a near tie the other way, which moves a few cells by an error or a few; everything else must be the same.
"""

import subprocess
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
LAST_DIGITS = 2e-4
FEW = 0.05
"""Share of the rows that may have moved."""
MOVED = 1.0
"""Points by which their rates may have."""


def committed(path: str) -> pd.DataFrame:
    shown = subprocess.run(["git", "show", f"HEAD:{path}"], cwd=ROOT, capture_output=True, text=True, check=False)
    if shown.returncode:
        pytest.skip(f"not a git checkout with {path}")
    return pd.read_csv(StringIO(shown.stdout), comment="#")


@pytest.mark.parametrize("name", ["table", "robustness", "slices"])
def test_the_demo_gives_the_committed_numbers(name: str) -> None:
    path = f"reports/demo/{name}.csv"
    kept, found = committed(path), pd.read_csv(ROOT / path, comment="#")
    assert list(found.columns) == list(kept.columns)
    assert len(found) == len(kept)
    moved = pd.Series(False, index=kept.index)
    for column in kept:
        moved |= differing(found[column], kept[column])
    assert moved.mean() <= FEW, kept[moved].iloc[:, :8]
    for column in {"rate", "control_rate", "delta", "cost"} & set(kept):
        assert not ((found[column] - kept[column]).abs() > MOVED).any(), column


def differing(found: pd.Series, kept: pd.Series) -> pd.Series:
    """Which values are others, numbers but for their last digits."""
    if pd.api.types.is_float_dtype(kept) and pd.api.types.is_float_dtype(found):
        unlike = ~((found - kept).abs() <= LAST_DIGITS) & (found != kept)
        return unlike & ~(found.isna() & kept.isna())
    return found.astype(object).fillna("") != kept.astype(object).fillna("")
