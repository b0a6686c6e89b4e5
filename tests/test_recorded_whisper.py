"""The committed decodes of whisper-base say what its committed table says, with neither model nor clips at hand."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.conftest import Command

ROOT = Path(__file__).parents[1]
PRINTED = 1.1e-4
"""By how much what is printed to four decimals may differ on another processor."""


def test_the_record_is_recomputed(bench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("whisper-base", "whisper-base-ct2"):
        monkeypatch.setenv(name.upper().replace("-", "_"), str(tmp_path / name))
    monkeypatch.delenv("COMMON_VOICE", raising=False)
    shutil.copytree(ROOT / "results" / "whisper-base", tmp_path / "results" / "whisper-base")
    for verb in ("compare", "table"):
        done = bench(verb, "whisper-base")
        assert done.returncode == 0, done.stderr
    recorded, made = (
        pd.read_csv(folder / "reports" / "whisper-base" / "table.csv", comment="#") for folder in (ROOT, tmp_path)
    )
    assert_frame_equal(made, recorded, rtol=1e-6, atol=PRINTED)
