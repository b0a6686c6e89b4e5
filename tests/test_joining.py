"""Suites of one size each as one curve: exactly that of one suite of all sizes; refused where it would be none."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from transformers import WhisperTokenizer

from bench.demo.recipe.pretrain import make_model
from bench.demo.recipe.tokenizer import make_processor
from tests.conftest import Command, write_clips
from tests.test_commands import one_line_error

SMALL = """
  { name = "control", model = "CONTROL" },
  { name = "mla", model = "svd-50:control", control = "control", family = "f" },
"""
LARGE = """
  { name = "large", model = "LARGE" },
  { name = "large-mla", model = "svd-50:large", control = "large", family = "f" },
"""
SETTINGS = """
[corpus]
kind = "manifest"
path = "clips/clips.tsv"
[decode]
max_new_tokens = 12
[statistics]
resamples = 300
"""


@pytest.fixture
def suites(tmp_path: Path, model_folders: dict[str, Path], tokenizer: WhisperTokenizer) -> dict[str, Path]:
    """`small`, `large` and `both`, by name; the large suite holds the small control too."""
    torch.manual_seed(2)
    model, processor = make_model(tokenizer, 72), make_processor(tokenizer)
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(12)
    for part in (model, processor.feature_extractor, processor.tokenizer):
        part.save_pretrained(tmp_path / "large-model")
    write_clips(tmp_path / "clips")
    control = SMALL.splitlines(keepends=True)[1]
    arms = {"small": SMALL, "large": control + LARGE, "both": SMALL + LARGE}
    for name, text in arms.items():
        models = text.replace("CONTROL", str(model_folders["control"])).replace("LARGE", str(tmp_path / "large-model"))
        suite = f'name = "{name}"\nlanguages = ["en", "de"]\narms = [{models}]\n{SETTINGS}'
        (tmp_path / f"{name}.toml").write_text(suite, encoding="utf-8")
    return {name: tmp_path / f"{name}.toml" for name in arms}


def curve_of(folder: Path, name: str) -> tuple[str, pd.DataFrame]:
    """The slope as it stands in the picture, and the table."""
    picture = (folder / name / "curve.svg").read_text(encoding="utf-8")
    (slope,) = [line for line in picture.splitlines() if "a doubling" in line]
    return slope.split(">")[-2], pd.read_csv(folder / name / "curve.csv", comment="#")


def test_one_curve_of_two_suites_is_that_of_one(bench: Command, suites: dict[str, Path], tmp_path: Path) -> None:
    """The control that stands in both is taken once."""
    for suite in suites.values():
        assert bench("run", suite).returncode == 0
    assert bench("curve", suites["both"]).returncode == 0
    drawn = bench("curve", suites["small"], suites["large"])
    assert drawn.returncode == 0, drawn.stderr
    folder = tmp_path / "reports" / "large+small"
    assert drawn.stdout.splitlines()[0] == "wrote reports/large+small/curve.csv"
    assert len(drawn.stdout.splitlines()) == len(list(folder.iterdir()))
    slope, table = curve_of(tmp_path / "reports", "large+small")
    expected_slope, expected = curve_of(tmp_path / "reports", "both")
    assert slope == expected_slope
    assert list(table["arm"].unique()) == ["mla", "large-mla"]
    pd.testing.assert_frame_equal(table, expected)
    for order in (("small", "large"), ("large", "small")):
        verified = bench("verify", *(suites[name] for name in order))
        assert verified.returncode == 0, verified.stdout
        assert verified.stdout.splitlines()[-1] == "verified large+small: their curve"
    (folder / "curve.csv").write_text("nothing")
    verified = bench("verify", suites["small"], suites["large"])
    assert verified.returncode == 1
    assert "curve.csv" in verified.stdout
    assert "run `bench curve`" in verified.stdout


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('[corpus]\nkind = "manifest"', '[corpus]\nkind = "manifest"\nutterances = 4', "share no decode of"),
        ('languages = ["en", "de"]', 'languages = ["en"]', "languages is en in large and de en in small"),
        ("languages", "seed = 2\nlanguages", "seed is 2 in large and 1 in small"),
        ("resamples = 300", "resamples = 200", "statistics.resamples is 200 in large and 300 in small"),
        ("[corpus]", 'scoring = { normalizer = "none" }\n[corpus]', "scoring.normalizer is none in large"),
        ("max_new_tokens = 12", "max_new_tokens = 9", "decode.max_new_tokens is 9 in large and 12 in small"),
        ('name = "control",', 'name = "control", kv = "int8",', "two arms are both called control, but their kv"),
        ("max_new_tokens = 12", "max_new_tokens = 12\nbatch = 2", "arm control stands in both and was decoded"),
    ],
)
def test_numbers_that_do_not_share_a_curve_are_refused(
    bench: Command, suites: dict[str, Path], before: str, after: str, said: str
) -> None:
    text = suites["large"].read_text(encoding="utf-8")
    assert before in text
    suites["large"].write_text(text.replace(before, after, 1), encoding="utf-8")
    for name in ("small", "large"):
        assert bench("run", suites[name]).returncode == 0
    message = one_line_error(bench("curve", suites["small"], suites["large"]))
    assert said in message
    assert "small" in message
    assert "large" in message


def test_a_stale_suite_and_one_given_twice_are_refused(bench: Command, suites: dict[str, Path]) -> None:
    for name in ("small", "large"):
        assert bench("run", suites[name]).returncode == 0
    assert "suite small is given twice" in one_line_error(bench("curve", suites["small"], suites["small"]))
    text = suites["large"].read_text(encoding="utf-8")
    suites["large"].write_text(text.replace("resamples = 300", "resamples = 200"), encoding="utf-8")
    assert "run `bench compare`" in one_line_error(bench("curve", suites["small"], suites["large"]))


def test_controls_that_another_suite_would_replace_are_refused(bench: Command, suites: dict[str, Path]) -> None:
    """`mla` has a training seed; joined with a control of that seed it would be held against that."""
    small = suites["small"].read_text(encoding="utf-8").replace('name = "mla"', 'name = "mla", seed = 1')
    suites["small"].write_text(small, encoding="utf-8")
    large = suites["large"].read_text(encoding="utf-8").replace('name = "control"', 'name = "control", seed = 1')
    suites["large"].write_text(large, encoding="utf-8")
    for name in ("small", "large"):
        assert bench("run", suites[name]).returncode == 0
    message = one_line_error(bench("curve", suites["small"], suites["large"]))
    assert "arm mla#1 belongs to control in small, and another has control#1" in message
