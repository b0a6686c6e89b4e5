"""`bench memory SUITE` as it is typed: any arm, one that breaks its word, too little memory, too few packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench.arms import find_arm
from bench.suite import ArmSpec
from tests.conftest import Command, write_clips, write_suite
from tests.foreign import break_word, write_foreign

CONTROL = "demo:72-control"
ABSENT = ("audiomentations", "datasets", "jiwer", "soxr", "soundfile", "librosa", "pyroomacoustics")
SUITE = """
name = "mine"
label = "demo"
languages = ["en"]
arms = [
  {{ name = "stock", model = "demo:72-control" }},
{arms}
]
[corpus]
kind = "demo"
[decode]
max_new_tokens = 20
[memory]
{memory}
"""


def write_memory_suite(path: Path, models: dict[str, Path], memory: str = "batch = [2]\ntokens = [20]") -> Path:
    """Arms of other people's code beside their control."""
    lines = [
        f'  {{ name = "{name}", model = "{folder}", control = "stock", trust_remote_code = true }},'
        for name, folder in models.items()
    ]
    path.write_text(SUITE.format(arms="\n".join(lines), memory=memory), encoding="utf-8")
    return path


def table_of(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "results" / "mine" / "memory.parquet").set_index("arm")


def test_code_of_others_is_measured_and_a_broken_word_told(bench: Command, tmp_path: Path) -> None:
    """Legacy tuples and strange classes hold what a stock model holds; expanded keys are said in capitals."""
    stock = find_arm(ArmSpec(name="stock", model=CONTROL)).folder
    models = {keep: write_foreign(stock, tmp_path / keep, keep) for keep in ("tuple", "Kept")}
    assert bench("convert", CONTROL, "cut", "--cache-cut", "0.625", "--init", "svd").returncode == 0
    assert bench("export", "cut", "honest").returncode == 0
    shutil.copytree(tmp_path / "honest", tmp_path / "broken")
    break_word(tmp_path / "broken")
    models |= {name: tmp_path / name for name in ("honest", "broken")}
    done = bench("memory", write_memory_suite(tmp_path / "a.toml", models))
    assert done.returncode == 0, done.stderr
    table = table_of(tmp_path)
    assert (table["own_claimed"] == [*[table["own"]["stock"]] * 3, *[table["own"]["stock"] * 0.375] * 2]).all()
    assert (table["own"] - table["own_claimed"]).to_dict() == {
        **dict.fromkeys(("stock", "tuple", "Kept", "honest"), 0),
        "broken": table["own"]["stock"] * 0.625,
    }
    excess = table["own"]["stock"] * 0.625
    assert done.stdout.startswith(f"**BROKEN HOLDS {excess:,.0f} BYTES MORE THAN ITS CONFIG CLAIMS** of self-attention")
    assert done.stdout.count("HOLDS") == 1
    assert (tmp_path / "reports" / "mine" / "memory.md").read_text() == done.stdout
    for name in ("memory-cache", "memory-batch"):
        assert (tmp_path / "reports" / "mine" / f"{name}.png").stat().st_size > 10_000
        assert "no GPU" in (tmp_path / "reports" / "mine" / f"{name}.svg").read_text()


def test_every_dtype_that_is_asked_for(bench: Command, tmp_path: Path) -> None:
    memory = 'batch = [1]\ntokens = [20]\nbeams = [5]\ndtype = ["float32", "bfloat16"]'
    done = bench("memory", write_memory_suite(tmp_path / "a.toml", {}, memory))
    assert done.returncode == 0, done.stderr
    table = table_of(tmp_path)
    assert list(table["dtype"]) == ["bfloat16", "float32"]
    assert table["own"].tolist() == [20 * 2 * 2 * 72 * 5 * size for size in (2, 4)]
    assert "stock, bfloat16" in done.stdout


def test_too_little_memory_is_an_outcome(bench: Command, tmp_path: Path) -> None:
    """Ten million clips: what fits stands beside it."""
    done = bench("memory", write_memory_suite(tmp_path / "a.toml", {}, "batch = [1, 10000000]\ntokens = [20]"))
    assert done.returncode == 0, done.stderr
    assert list(table_of(tmp_path)["outcome"]) == ["ok", "out of memory"]
    assert "out of memory" in done.stdout
    assert bench("table", tmp_path / "a.toml").stdout == done.stdout  # though nothing is decoded
    assert bench("verify", tmp_path / "a.toml").returncode == 0
    page = tmp_path / "reports" / "mine" / "memory.md"
    page.write_text(page.read_text().replace("float32", "float16"))
    assert bench("verify", tmp_path / "a.toml").returncode == 1


def test_nothing_but_torch_and_tables_is_needed(typed: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """On a machine with a GPU and no package index there is neither audio nor scoring."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(f"import sys; sys.modules.update(dict.fromkeys({ABSENT}))\n")
    paths = f"{blocked}:{Path(__file__).parents[1]}"
    suite = write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))
    suite.write_text(suite.read_text() + "\n[memory]\nbatch = [1]\ntokens = [9]\n")
    done = typed("memory", suite, PYTHONPATH=paths)
    assert done.returncode == 0, done.stderr
    code = "import bench.memory, bench.memory.cell, bench.mla, bench.runners, jiwer"
    environment = os.environ | {"PYTHONPATH": paths}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "import of jiwer halted" in found.stderr


def test_positions_an_arm_does_not_have(bench: Command, tmp_path: Path) -> None:
    refused = bench("memory", write_memory_suite(tmp_path / "a.toml", {}, "batch = [1]\ntokens = [20, 447]"))
    assert refused.returncode == 2
    assert "memory.tokens = 447: arm stock has 64 positions at most" in refused.stderr


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--device", "gpu"], "--device gpu: cpu or cuda"),
        (["--cut", "0.5"], "--cut belongs to --budget"),
        (["--tokens", "9"], "--tokens belongs to --budget"),
    ],
)
def test_options_that_do_not_belong(options: list[str], complaint: str, bench: Command, tmp_path: Path) -> None:
    refused = bench("memory", write_memory_suite(tmp_path / "a.toml", {}), *options)
    assert refused.returncode == 2
    assert complaint in refused.stderr


def test_a_load_stands_once(bench: Command, tmp_path: Path) -> None:
    refused = bench("memory", write_memory_suite(tmp_path / "a.toml", {}, "batch = [2, 2]"))
    assert "memory.batch: [2, 2]: one of them stands twice" in refused.stderr
