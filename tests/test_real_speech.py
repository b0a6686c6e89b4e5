"""Real recordings through a trained model: the error rates that its makers measured with a plain pipeline."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

HELD_OUT = {"fsdd_george", "fsdd_lucas"}


@pytest.mark.parametrize(("held_out", "expected"), [(False, 16.5), (True, 46.0)])
def test_spoken_digits(bench: Command, data_folder: Path, tmp_path: Path, held_out: bool, expected: float) -> None:
    with (data_folder / "speech" / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith("fsdd_test/")]
    lines = [
        "\t".join([str(data_folder / "speech" / row["path"]), row["text"], row["speaker"], row["lang"]])
        for row in rows
        if (row["speaker"] in HELD_OUT) == held_out
    ]
    (tmp_path / "digits.tsv").write_text("\n".join(["path\ttext\tspeaker\tlang", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "digits.toml").write_text(
        f"""
name = "digits"
languages = ["en"]
arms = [{{ name = "micro", model = "{data_folder}/models/whisper-micro-fsdd" }}]
corpus = {{ kind = "manifest", path = "digits.tsv" }}
decode = {{ max_new_tokens = 28 }}
""",
        encoding="utf-8",
    )
    result = bench("run", "digits.toml")
    assert result.returncode == 0, result.stderr
    comparisons = pd.read_parquet(tmp_path / "results" / "digits" / "comparisons.parquet")
    assert comparisons.set_index("metric").loc["wer", "rate"] == pytest.approx(expected, abs=1.0)
