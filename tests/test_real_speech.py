"""Real recordings through a trained model: the error rates that its makers measured with a plain pipeline."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command

HELD_OUT = {"fsdd_george", "fsdd_lucas"}


def write_digits(data_folder: Path, folder: Path, held_out: bool) -> None:
    """A manifest of the speakers that the micro model heard in training, or of the two it did not."""
    with (data_folder / "speech" / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith("fsdd_test/")]
    lines = [
        "\t".join([str(data_folder / "speech" / row["path"]), row["text"], row["speaker"], row["lang"]])
        for row in rows
        if (row["speaker"] in HELD_OUT) == held_out
    ]
    (folder / "digits.tsv").write_text("\n".join(["path\ttext\tspeaker\tlang", *lines]) + "\n", encoding="utf-8")


def run_digits(bench: Command, folder: Path, suite: str) -> pd.DataFrame:
    """The suite's word error rates and costs, by arm and condition."""
    corpus = 'corpus = { kind = "manifest", path = "digits.tsv" }'
    head = f'name = "digits"\nlanguages = ["en"]\n{corpus}\ndecode = {{ max_new_tokens = 28 }}\n'
    (folder / "digits.toml").write_text(head + suite, encoding="utf-8")
    result = bench("run", "digits.toml")
    assert result.returncode == 0, result.stderr
    comparisons = pd.read_parquet(folder / "results" / "digits" / "comparisons.parquet")
    return comparisons[comparisons["metric"] == "wer"].set_index(["arm", "condition"])


@pytest.mark.parametrize(("held_out", "expected"), [(False, 16.5), (True, 46.0)])
def test_spoken_digits(bench: Command, data_folder: Path, tmp_path: Path, held_out: bool, expected: float) -> None:
    write_digits(data_folder, tmp_path, held_out)
    words = run_digits(
        bench, tmp_path, f'arms = [{{ name = "micro", model = "{data_folder}/models/whisper-micro-fsdd" }}]'
    )
    assert words.loc[("micro", "clean"), "rate"] == pytest.approx(expected, abs=1.0)


def test_spoken_digits_get_worse_down_a_ladder_of_recorded_noise(
    bench: Command, data_folder: Path, tmp_path: Path
) -> None:
    """Dishes, taps and bicycles; a recorded room; the costs of a crude conversion paired under each."""
    noise = f"{data_folder}/noise"
    write_digits(data_folder, tmp_path, held_out=False)
    words = run_digits(
        bench,
        tmp_path,
        f"""
arms = [
  {{ name = "micro", model = "{data_folder}/models/whisper-micro-fsdd" }},
  {{ name = "crude", model = "svd-96:micro", control = "micro" }},
]
conditions = [
  {{ name = "clean" }},
  {{ name = "kitchen", kind = "noise", noise = "recordings", path = "{noise}/speech_commands", snr_db = [20, 5, -5] }},
  {{ name = "room", kind = "far-field", path = "{noise}/rir" }},
]
statistics = {{ unit = "utterance" }}
""",
    )
    ladder = [words.loc[("micro", name), "rate"] for name in ("clean", "kitchen@20", "kitchen@5", "kitchen@-5")]
    assert ladder == sorted(ladder)
    assert ladder[-1] > ladder[0] + 30
    for condition in ("kitchen@20", "kitchen@5", "room"):
        row = words.loc[("crude", condition)]
        assert row["clips"] == 200
        assert row["delta"] == pytest.approx(row["rate"] - row["control_rate"])
        assert row["low"] <= row["delta"] <= row["high"]
    interactions = pd.read_parquet(tmp_path / "results" / "digits" / "interactions.parquet")
    assert set(interactions["condition"]) == {"kitchen@20", "kitchen@5", "kitchen@-5", "room"}
    assert np.isfinite(interactions[["difference", "ratio"]]).all(axis=None)
