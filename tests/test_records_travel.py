"""Records say nothing of the machine that they were made on, and hold on another one."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import Command, write_clips, write_suite

OWNER = "jane-doe"
"""Stands in every path that the commands are given."""
MEMORY = "\n[memory]\nbatch = [1]\ntokens = [9]\n"


def text_of(path: Path) -> str:
    """All that a file says, compressed or not."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", errors="replace")
    table = pq.read_table(path)
    return f"{table.schema.metadata}{table.to_pylist()}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / OWNER
    folder.mkdir()
    for name, value in (("HOME", folder), ("USER", OWNER), ("LOGNAME", OWNER), ("XDG_CACHE_HOME", folder / "cache")):
        monkeypatch.setenv(name, str(value))
    return folder


def test_no_record_names_its_owner_and_all_of_it_holds_elsewhere(
    bench: Command, home: Path, model_folders: dict[str, Path]
) -> None:
    models = {name: home / "models" / name for name in ("control", "converted")}
    for name, folder in models.items():
        shutil.copytree(model_folders[name], folder)
    suite = write_suite(home / "mine.toml", models, write_clips(home / "clips"))
    suite.write_text(suite.read_text(encoding="utf-8") + MEMORY, encoding="utf-8")
    folders = ["--results", home / "results", "--reports", home / "reports"]
    for words in (
        ["run", suite, *folders[:2]],
        ["memory", suite, *folders],
        ["table", suite, *folders],
        ["report", suite, *folders],
        ["card", suite, *folders],
        ["data", suite, *folders[2:]],
        ["convert", models["control"], home / "results" / "made", "--init", "svd", "--cache-cut", "0.5"],
    ):
        done = bench(*words)
        assert done.returncode == 0, done.stderr
    written = [path for name in ("results", "reports") for path in (home / name).rglob("*") if path.is_file()]
    assert len(written) > 20
    for path in written:
        assert OWNER not in text_of(path), path
    arms = json.loads((home / "results" / "mine" / "manifest.json").read_text(encoding="utf-8"))["arms"]
    assert [arm["model"] for arm in arms.values()] == ["control", "converted"]
    other = home.with_name("elsewhere")
    home.rename(other)
    suite = other / "mine.toml"
    suite.write_text(suite.read_text(encoding="utf-8").replace(str(home), str(other)), encoding="utf-8")
    moved = ["--results", other / "results", "--reports", other / "reports"]
    for words in (["verify", suite, *moved], ["table", suite, *moved], ["verify", suite, *moved]):
        done = bench(*words)
        assert done.returncode == 0, done.stdout + done.stderr
