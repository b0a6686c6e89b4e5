"""Runs on a Ray cluster of this machine: the records are the local run's, whoever dies meanwhile."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.store import Store
from tests.conftest import Command, write_clips, write_suite

ray = pytest.importorskip("ray", reason="Ray is not installed: nox -s tests-ray")

TABLES = ("comparisons", "summaries", "counts")
PROGRAM = """
import json, os, signal, sys, time
from pathlib import Path

manifest, output = map(Path, sys.argv[1:3])
rows = [json.loads(line) for line in manifest.open(encoding="utf-8")]
with open("asked.txt", "a") as asked:
    asked.write(f"{rows[0]['language']} {len(rows)}\\n")
left = Path("kills.txt")
kills = int(left.read_text()) if left.exists() else 0
if kills and rows[0]["language"] == "de":
    left.write_text(str(kills - 1))
    os.kill(os.getppid(), signal.SIGKILL)
    sys.exit(1)
if Path("slow.txt").exists():
    time.sleep(3)
output.write_text("".join(json.dumps({"id": row["id"], "text": "one two"}) + "\\n" for row in rows))
"""
"""A recogniser that kills whoever asks it for German, as often as kills.txt says."""


@pytest.fixture(scope="module", autouse=True)
def _of_this_checkout() -> Iterator[None]:
    """Workers import the checkout that is tested, and wait for nothing else on a busy machine."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", paths)
        patch.setenv("RAY_worker_niceness", "0")
        patch.delenv("RAY_ADDRESS", raising=False)
        yield
    ray.shutdown()


@pytest.fixture
def suite_of_three(tmp_path: Path, model_folders: dict[str, Path]) -> Path:
    """Two models and a program, two languages, two conditions: 4 blocks."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "program.py", "{manifest}", "{output}"]
    extra = 'conditions = [{ name = "clean" }, { name = "w", kind = "noise", noise = "white", snr_db = [10] }]'
    path = write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips"), extra)
    program = f'  {{ name = "program", runner = "command", command = {json.dumps(command)}, control = "control" }},\n]'
    path.write_text(path.read_text(encoding="utf-8").replace("\n]\n", f"\n{program}\n", 1), encoding="utf-8")
    return path


def require_same(folder: Path, other: Path) -> None:
    """Tables and manifest to the byte, and the same parts, no row doubled."""
    for path in [folder / "manifest.json", *(folder / f"{name}.parquet" for name in TABLES)]:
        assert (other / path.name).read_bytes() == path.read_bytes(), path.name
    assert {path.name for path in (other / "decodes").iterdir()} == {
        path.name for path in (folder / "decodes").iterdir()
    }
    assert not (other / "leases").exists()


def test_ray_is_the_local_run_whoever_is_killed(bench: Command, suite_of_three: Path, tmp_path: Path) -> None:
    """Two workers; then one of them killed twice at one block, which a third decodes."""
    whole = bench("run", suite_of_three, "--results", "local")
    assert whole.stdout.startswith("decoded 72 clips"), whole.stderr
    for number in (2, 1):
        assert bench("run", suite_of_three, "--results", "shards", "--shard", f"{number}/2").returncode == 0
    assert bench("run", suite_of_three, "--results", "shards").returncode == 0
    require_same(tmp_path / "local" / "mine", tmp_path / "shards" / "mine")
    (tmp_path / "asked.txt").unlink()
    done = bench("run", suite_of_three, "--results", "ray", "--engine", "ray")
    assert done.returncode == 0, done.stderr
    assert done.stdout == whole.stdout.replace("local", "ray")
    require_same(tmp_path / "local" / "mine", tmp_path / "ray" / "mine")
    assert sorted((tmp_path / "asked.txt").read_text().splitlines()) == ["de 6", "de 6", "en 6", "en 6"]
    (tmp_path / "asked.txt").unlink()
    (tmp_path / "kills.txt").write_text("2", encoding="utf-8")
    done = bench("run", suite_of_three, "--results", "killed", "--engine", "ray")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "kills.txt").read_text() == "0"
    require_same(tmp_path / "local" / "mine", tmp_path / "killed" / "mine")
    asked = (tmp_path / "asked.txt").read_text().splitlines()
    assert len(asked) == 4 + 2
    assert asked.count("en 6") == 2


def test_a_block_that_kills_whoever_decodes_it_is_given_up(
    bench: Command, suite_of_three: Path, tmp_path: Path
) -> None:
    (tmp_path / "kills.txt").write_text("99", encoding="utf-8")
    done = bench("run", suite_of_three, "--engine", "ray")
    assert done.returncode == 2
    assert "3 workers died of a block of it" in done.stderr
    assert not (tmp_path / "results" / "mine" / "leases").exists()


def test_a_node_leaves_and_the_others_go_on(bench: Command, suite_of_three: Path, tmp_path: Path) -> None:
    from ray.cluster_utils import Cluster

    assert bench("run", suite_of_three, "--results", "local").returncode == 0
    (tmp_path / "asked.txt").unlink()
    (tmp_path / "slow.txt").touch()
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]

    def leave() -> None:
        deadline = time.monotonic() + 100
        while not (tmp_path / "asked.txt").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        cluster.remove_node(nodes[0], allow_graceful=False)

    leaving = threading.Thread(target=leave)
    leaving.start()
    try:
        done = bench("run", suite_of_three, "--results", "ray", "--engine", "ray", "--address", cluster.address)
        assert done.returncode == 0, done.stderr
        require_same(tmp_path / "local" / "mine", tmp_path / "ray" / "mine")
    finally:
        leaving.join()
        cluster.shutdown()


def test_results_behind_a_url_are_the_workers_too(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    assert bench("run", suite_file, "--results", "local").returncode == 0
    done = bench("run", suite_file, "--results", f"local://{tmp_path}/url", "--engine", "ray")
    assert done.returncode == 0, done.stderr
    require_same(tmp_path / "local" / "mine", tmp_path / "url" / "mine")
    refused = bench("run", suite_file, "--results", "memory://a", "--engine", "ray")
    assert "give a place that every worker sees" in refused.stderr


def test_a_worker_of_another_world_ends_the_run(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Its environment decodes with other settings than the driver named the parts by."""
    from bench.runners.ray_worker import Worker, _require_same
    from bench.suite import load_suite

    assert Worker is not None
    assert bench("run", suite_file).returncode == 0
    settings = Store(tmp_path / "results" / "mine").read_manifest().arms["control"].settings
    other: Any = settings.model_copy(update={"torch": "1.0"})
    with pytest.raises(Exception, match=r"arm control: torch: 1\.0 on .* where the run was started"):
        _require_same(load_suite(str(suite_file)).arms[0].id, ("f", settings), ("f", other))
