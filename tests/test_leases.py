"""Two runs of one suite at once share the work: every block is decoded once, and nobody waits for the dead."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bench.runners import leases as module
from bench.runners.leases import STALE, Leases
from tests.conftest import Command, write_clips, write_suite

TABLES = ("comparisons", "summaries", "counts")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_alone_holds_a_lease(tmp_path: Path) -> None:
    first, second = Leases(tmp_path / "l"), Leases(tmp_path / "l")
    assert first.take("a")
    assert not second.take("a")
    assert second.take("b")
    assert (second.holder("a") or "").startswith(f"process {os.getpid()} on ")
    first.give_back("a")
    assert second.take("a")
    second.give_back("a")
    second.give_back("b")
    assert not (tmp_path / "l").exists()


def test_twenty_threads_and_one_holder(tmp_path: Path) -> None:
    took: list[int] = []
    runs = [Leases(tmp_path) for _ in range(20)]
    barrier = threading.Barrier(len(runs))

    def take(number: int) -> None:
        barrier.wait()
        if runs[number].take("a"):
            took.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 1


def test_a_lease_of_another_machine_is_stale_when_it_shows_no_life(tmp_path: Path) -> None:
    clock = Clock()
    far, here = Leases(tmp_path, holder="far"), Leases(tmp_path, clock, holder="here")
    assert far.take("a")
    assert not here.take("a")
    for _ in range(3):
        clock.now += STALE - 1
        far.beat()
        assert not here.take("a")
    clock.now += STALE
    assert here.take("a")
    third = Leases(tmp_path, holder="third")
    assert not third.take("a")
    far.give_back("a")  # it was only slow
    assert not third.take("a")
    here.give_back("a")
    assert list(tmp_path.glob("*")) == []


def test_what_was_given_back_is_not_beaten_to_life(tmp_path: Path) -> None:
    run = Leases(tmp_path / "l")
    run.take("a")
    run.give_back("a")
    run.beat()
    assert not (tmp_path / "l").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"machine": 3}', b"\xff"])
def test_what_is_no_lease_grows_stale_all_the_same(tmp_path: Path, content: bytes) -> None:
    clock = Clock()
    (tmp_path / "a.1.lease").write_bytes(content)
    run = Leases(tmp_path, clock)
    assert not run.take("a")
    assert run.holder("a") == "another run"
    clock.now += STALE
    assert run.take("a")


def test_a_dead_process_of_this_machine_holds_nothing(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    said = {"machine": module.machine(), "process": ended.pid, "run": "x", "beat": 0}
    for name in ("a", "b"):
        (tmp_path / f"{name}.1.lease").write_text(json.dumps(said))
    with Leases(tmp_path) as run:
        assert run.take("a")
    assert list(tmp_path.glob("*")) == []


@pytest.fixture
def many_blocks(tmp_path: Path, model_folders: dict[str, Path]) -> Path:
    """A suite of 2 languages and 4 conditions: 8 blocks."""
    rungs = ", ".join(
        f'{{ name = "w{snr}", kind = "noise", noise = "white", snr_db = [{snr}] }}' for snr in (20, 10, 0)
    )
    extra = f'conditions = [{{ name = "clean" }}, {rungs}]'
    return write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips", clips=24), extra)


def start(suite: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench", "run", str(suite), *words]
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.Popen(
        command, cwd=suite.parent, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_runs_at_once_decode_each_block_once(bench: Command, many_blocks: Path, tmp_path: Path) -> None:
    whole = bench("run", many_blocks, "--results", "whole")
    assert whole.stdout.startswith("decoded 384 clips")
    runs = [start(many_blocks, "--results", "both") for _ in range(2)]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    decoded = [int(text.split()[1]) for text in said]
    assert sum(decoded) == 384
    for name in TABLES:
        one, other = (tmp_path / results / "mine" / f"{name}.parquet" for results in ("whole", "both"))
        assert one.read_bytes() == other.read_bytes()
    assert sorted(path.name for path in (tmp_path / "both" / "mine").iterdir()) == sorted(
        path.name for path in (tmp_path / "whole" / "mine").iterdir()
    )


def test_a_killed_runs_block_is_taken_over(bench: Command, many_blocks: Path, tmp_path: Path) -> None:
    killed = start(many_blocks, "--results", "r")
    folder = tmp_path / "r" / "mine"
    deadline = time.monotonic() + 120
    while not list(folder.glob("decodes/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert list(folder.glob("leases/*.lease"))
    done = bench("run", many_blocks, "--results", "r")
    assert done.returncode == 0, done.stderr
    assert not (folder / "leases").exists()
    decoded, found = int(done.stdout.split()[1]), int(done.stdout.split()[4])
    assert decoded + found == 384
    assert found > 0
