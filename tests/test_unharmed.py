"""Work is never lost and nothing is left behind: kills, signals, full disks, folders that cannot be written."""

import multiprocessing
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from bench.errors import BenchError
from bench.io.arrow_files import arrow_buffer, arrow_file
from bench.io.files import require_writable, write_atomically, write_text
from bench.io.unfinished import sweep, unfinished_file, unfinished_folder
from bench.memory.resuming import NAME
from bench.store import Store
from tests.conftest import Command, refusal
from tests.test_memory_verb import write_memory_suite
from tests.test_recovery import write_recovery

FORK = multiprocessing.get_context("fork")
SMALL = 4096
"""Bytes of a file at most: as of a disk that is full."""


def in_a_child(call: Callable[[], object]) -> int:
    """The exit code of a process of its own that does this alone; as of a signal where one ended it."""
    child = FORK.Process(target=call)
    child.start()
    child.join(120)
    assert child.exitcode is not None
    return child.exitcode


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith(".part")]


@pytest.mark.parametrize("unfinished", [unfinished_file, unfinished_folder])
def test_what_a_killed_writer_left_is_swept_and_what_is_being_written_stays(
    unfinished: Callable[[Path], object], tmp_path: Path
) -> None:
    def write_and_die() -> None:
        with unfinished(tmp_path / "x"):  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_child(write_and_die) == -signal.SIGKILL
    (left,) = leftovers(tmp_path)
    with unfinished_file(tmp_path / "y") as mine:
        assert not left.exists()
        assert in_a_child(lambda: sweep.__wrapped__(tmp_path)) == 0
        assert mine.exists(), "another process sweeps what nobody writes alone"
    assert not leftovers(tmp_path)
    write_atomically(tmp_path / "z", lambda path: write_text("whole", path))
    assert [path.name for path in tmp_path.iterdir()] == ["z"]


def test_threads_that_outlive_python_hold_nothing_of_its(tmp_path: Path) -> None:
    """One that has to free such an object while Python ends does not return, and the process dies of SIGABRT."""
    content = bytes(range(256)) * 16
    before = sys.getrefcount(content)
    reader = arrow_buffer(content)
    assert sys.getrefcount(content) == before
    assert reader.read() == content
    (tmp_path / "x").write_bytes(content)
    with arrow_file(tmp_path / "x") as file:
        assert isinstance(file, pa.OSFile)
        assert file.read() == content
    readers = (path for path in (Path(__file__).parents[1] / "bench").rglob("*.py") if path.name != "arrow_files.py")
    handed = re.compile(r"pq\.read_table\((?!arrow_|file\b)|pa\.BufferReader\(|read_parquet\(BytesIO")
    assert [path for path in readers if handed.search(path.read_text(encoding="utf-8"))] == []


def test_names_of_others_are_not_swept(tmp_path: Path) -> None:
    names = ["a.part", ".a.part", ".a.0123.part", "notes", ".x.0123456789abcdef.part.txt"]
    for name in names:
        (tmp_path / name).touch()
    sweep.__wrapped__(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("nowhere")])
def test_folders_that_cannot_be_written_are_found_first(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "there")
    for folder in (tmp_path / "there", tmp_path / "there" / "mine"):
        with pytest.raises(BenchError, match=r"there.*: cannot be written: .*; choose another place"):
            require_writable(folder)
    require_writable(tmp_path / "new" / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_no_work_is_begun_that_could_not_be_kept(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for words in (
        ("run", suite_file, "--results", "file"),
        ("memory", suite_file, "--reports", "file"),
        ("memory", suite_file, "--results", "file"),
        ("data", suite_file, "--reports", "file"),
        ("speed", suite_file, "--results", "file"),
    ):
        done = bench(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.startswith("bench: file"), done.stderr
        assert done.stderr.count("\n") == 1
    assert bench("run", suite_file).returncode == 0
    printed = bench("table", suite_file).stdout
    unwritten = bench("table", suite_file, "--reports", "file")
    assert (unwritten.returncode, unwritten.stdout) == (2, printed), "the table is printed all the same"
    assert unwritten.stderr.startswith("bench: file/mine/table.md: cannot be written: Not a directory;")


def test_parts_that_misfit(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """Of a run that was killed before its manifest, they are decoded anew; recorded ones are named, to be deleted."""
    assert bench("run", suite_file).returncode == 0
    store = Store(tmp_path / "results" / "mine")
    keys = list(store.read_manifest().arms["control"].hashes)
    whole = {key: store.part_path(key).read_bytes() for key in keys}
    tables = store.table_path("comparisons").read_bytes()
    rows = pd.read_parquet(store.part_path(keys[0]))
    changes: list[Callable[[Path], object]] = [
        lambda path: rows.iloc[1:].to_parquet(path, index=False),
        lambda path: path.write_bytes(whole[keys[1]]),
    ]
    for change in changes:
        change(store.part_path(keys[0]))
        refused = bench("run", suite_file)
        assert refused.returncode == 2
        assert refused.stderr.endswith(f"{keys[0]}.parquet: not what was decoded; delete it and run `bench run`\n")
        store.manifest_path.unlink()
        again = bench("run", suite_file)
        assert again.stdout.startswith("decoded 6 clips"), again.stderr
        assert store.part_path(keys[0]).read_bytes() == whole[keys[0]]
        assert store.table_path("comparisons").read_bytes() == tables
    store.part_path(keys[0]).unlink()
    store.part_path(keys[0]).mkdir()
    assert f"{keys[0]}.parquet: cannot be read: Is a directory; delete it" in refusal(
        "run", suite_file, "--results", tmp_path / "results"
    )


@pytest.mark.parametrize(("number", "code", "said"), [(signal.SIGINT, 130, "interr"), (signal.SIGTERM, 143, "termin")])
def test_a_signal_ends_it_at_any_moment(number: int, code: int, said: str, tmp_path: Path) -> None:
    """From the first tenth of a second on, in which nothing is loaded yet; only Python's own start is before it."""
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    for seconds in (0.0, 0.05, 0.3):
        started = [sys.executable, "-c", "import bench.__main__, os; os.write(1, b'.'); bench.__main__.main()", "plan"]
        slow = "import time\n" if seconds else ""
        started[2] = started[2].replace("; bench.__main__.main()", "; exec('''" + slow + "bench.__main__.main()''')")
        started[2] = started[2].replace("os.write(1, b'.')", "bench.__main__.end_on_signals(); os.write(1, b'.')")
        with subprocess.Popen(
            [*started, "demo"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.read(1)
            time.sleep(seconds)
            running.send_signal(number)
            errors = running.stderr.read().decode()
        assert running.returncode == code, errors
        assert errors.count("bench: ") == 1
        assert errors.startswith(f"bench: {said}")


def test_memory_goes_on_where_it_was_ended_and_takes_its_worker_with_it(
    bench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = write_memory_suite(tmp_path / "a.toml", {}, "batch = [1, 2]\ntokens = [20]")
    unfinished = tmp_path / "results" / "mine" / NAME

    def measure() -> None:
        os.chdir(tmp_path)
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        bench("memory", suite)

    child = FORK.Process(target=measure)
    child.start()
    deadline = time.monotonic() + 240
    while not unfinished.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert unfinished.exists()
    session = os.getsid(child.pid or 0)
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    while (living := processes_of(session)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not living
    first = unfinished.read_bytes()
    measured: list[int] = []
    from bench.memory import profile

    measure_cells = profile.measure_cells

    def counted(argument: str, cells: list[object], device: str) -> object:
        measured.append(len(cells))
        return measure_cells(argument, cells, device)  # type: ignore[arg-type]

    monkeypatch.setattr(profile, "measure_cells", counted)
    done = bench("memory", suite)
    assert done.returncode == 0, done.stderr
    assert measured == [1]
    assert first
    assert not unfinished.exists()
    assert list(pd.read_parquet(unfinished.with_name("memory.parquet"))["batch"]) == [1, 2]


def processes_of(session: int) -> list[int]:
    """Those that still run: neither gone nor waiting to be asked how they ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(folder.name))
    return found


def bounded(words: list[object], errors: Path) -> Callable[[], None]:
    """The command on a disk that takes no file of more than a few bytes."""

    def run() -> None:
        from bench.cli import main

        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        number = os.open(errors.with_suffix(".fifo"), os.O_WRONLY)
        os.dup2(number, 2)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        sys.argv = ["bench", *map(str, words)]
        main()

    return run


@pytest.mark.parametrize("verb", ["convert", "export", "recover"])
def test_a_full_disk_leaves_nothing_and_is_one_line(
    verb: str, tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words: list[object] = [verb, model_folders["converted" if verb == "export" else "control"], tmp_path / "out" / "m"]
    if verb == "convert":
        words += ["--init", "svd", "--cache-cut", "0.5"]
    if verb == "recover":
        words = [verb, write_recovery(tmp_path, model_folders, steps=2)]
    before = {path for path in tmp_path.rglob("*") if path.name != "out"}
    errors = tmp_path / "errors.fifo"
    os.mkfifo(errors)
    reading = os.open(errors, os.O_RDONLY | os.O_NONBLOCK)
    assert in_a_child(bounded(words, errors)) == 2
    said = os.read(reading, 2**16).decode()
    os.close(reading)
    errors.unlink()
    last = said.strip().splitlines()[-1]
    assert last.startswith("bench: ")
    assert "cannot be written: " in last
    assert "Traceback" not in said
    assert {path for path in tmp_path.rglob("*") if path.name != "out"} == before


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04" + bytes(200), None])
def test_checkpoints_that_are_damaged(content: bytes | None, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    suite = write_recovery(tmp_path, model_folders, steps=2)
    path = tmp_path / "out" / "control.recovery.pt"
    path.parent.mkdir()
    if content is None:
        import torch

        torch.save([1], path)
    else:
        path.write_bytes(content)
    assert refusal("recover", suite) == f"{path} is damaged; remove it to start anew"


def test_losses_of_a_group_are_whole_after_a_kill_between_its_folders(
    bench: Command, tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.recovery import recover

    suite = write_recovery(tmp_path, model_folders, steps=4)
    write, written = recover.save_model, []

    def killed_before_the_second(*words: object) -> None:
        if written:
            raise ZeroDivisionError
        written.append(words)
        write(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(recover, "save_model", killed_before_the_second)
    with pytest.raises(ZeroDivisionError):
        bench("recover", suite)
    monkeypatch.setattr(recover, "save_model", write)
    assert bench("recover", suite).returncode == 0
    tables = [(tmp_path / "out" / arm / "losses.csv").read_text() for arm in ("control", "converted")]
    assert tables[0] == tables[1]
    assert tables[0].startswith("step,control,converted\n")
