"""Results behind a URL: the same records as in a folder, and a store that fails once is asked again."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from bench.errors import BenchError
from bench.io import remote
from bench.io.places import create_file, place_of, write_whole
from bench.io.remote import Remote
from bench.runners.leases import Leases
from tests.conftest import Command, refusal

TABLES = ("comparisons", "summaries", "counts", "utterances")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """An empty store, which waits for nothing."""
    monkeypatch.setattr(remote, "PAUSES", (0.0, 0.0))
    MemoryFileSystem.store.clear()
    yield Remote("memory://results")
    MemoryFileSystem.store.clear()


class Failing:
    """A method that raises OSError at calls of those numbers, from 1, and acts first where it is `late`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, calls: set[int], late: bool = False) -> None:
        self.count, method = 0, getattr(MemoryFileSystem, name)

        def failing(files: Any, *arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count in calls and not late:
                raise OSError(5, "Input/output error")
            result = method(files, *arguments, **named)
            if self.count in calls:
                raise OSError(5, "Input/output error")
            return result

        monkeypatch.setattr(MemoryFileSystem, name, failing)


def test_places_are_folders_or_urls() -> None:
    assert place_of("a/b") == Path("a/b")
    assert place_of("file:///a/b") == Path("/a/b")
    assert place_of("s3://bucket/a/") == Remote("s3://bucket/a")
    place = Remote("s3://bucket/a") / "b.parquet"
    assert (str(place), place.name, place.stem, place.parent) == (
        "s3://bucket/a/b.parquet",
        "b.parquet",
        "b",
        Remote("s3://bucket/a"),
    )


def test_a_place_is_read_listed_and_emptied(memory: Remote) -> None:
    place = memory / "folder" / "one.parquet"
    assert not place.exists()
    assert (memory / "folder").glob("*") == []
    with pytest.raises(FileNotFoundError):
        place.read_bytes()
    write_whole(place, lambda path: path.write_bytes(b"content"))
    assert place.read_bytes() == b"content"
    assert (memory / "folder").glob("*.parquet") == [place]
    assert (memory / "folder").glob("two*") == []
    place.unlink()
    assert not place.is_file()


@pytest.mark.parametrize("late", [False, True])
def test_what_fails_once_is_done_once(memory: Remote, monkeypatch: pytest.MonkeyPatch, late: bool) -> None:
    """Also where it was done and only the answer was lost."""
    failing = Failing(monkeypatch, "pipe_file", {1}, late)
    assert create_file(memory / "a", b"mine")
    assert failing.count == 2
    assert not create_file(memory / "a", b"another's")
    assert (memory / "a").read_bytes() == b"mine"


def test_what_is_there_is_there_whatever_the_store_calls_it(memory: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some answer that a condition failed, and a holder may give back between the answer and the next look."""
    assert create_file(memory / "a", b"another's")
    Failing(monkeypatch, "pipe_file", {1, 2, 3})
    assert not create_file(memory / "a", b"mine")
    assert (memory / "a").read_bytes() == b"another's"

    def exists(files: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        raise FileExistsError(path)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", exists)
    assert not create_file(memory / "gone", b"mine")


def test_what_fails_always_is_one_line(memory: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    Failing(monkeypatch, "pipe_file", {1, 2, 3})
    with pytest.raises(BenchError, match=r"memory://results/a: cannot be written: Input/output error; choose"):
        write_whole(memory / "a", lambda path: path.write_bytes(b""))


def test_one_alone_holds_a_lease_at_a_url(memory: Remote) -> None:
    first, second = Leases(memory / "leases"), Leases(memory / "leases")
    assert first.take("a")
    first.beat()
    assert not second.take("a")
    first.give_back("a")
    first.beat()
    assert (memory / "leases").glob("*") == []
    assert second.take("a")


@pytest.mark.parametrize("method", ["pipe_file", "cat_file", "ls"])
def test_a_run_at_a_url_is_the_run_in_a_folder(
    bench: Command, suite_file: Path, tmp_path: Path, memory: Remote, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Whatever the store does that fails once, at its first and at its seventh call."""
    assert bench("run", suite_file, "--results", "folder").returncode == 0
    failing = Failing(monkeypatch, method, {1, 7})
    done = bench("run", suite_file, "--results", memory)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("decoded 24 clips, found 0 already decoded (memory://results/mine)")
    assert failing.count > 7
    folder = tmp_path / "folder" / "mine"
    for path in [folder / "manifest.json", *(folder / f"{name}.parquet" for name in TABLES)]:
        assert (memory / "mine" / path.name).read_bytes() == path.read_bytes()
    parts = (memory / "mine" / "decodes").glob("*")
    assert {part.name for part in parts} == {part.name for part in (folder / "decodes").iterdir()}
    assert bench("run", suite_file, "--results", memory).stdout.startswith("decoded 0 clips, found 24")
    assert bench("verify", suite_file, "--results", memory).returncode == 0
    assert bench("plan", suite_file, "--results", memory).returncode == 0


def test_what_cannot_be_reached_is_one_line() -> None:
    assert "fsspec cannot reach it" in refusal("run", "demo", "--results", "nowhere://a")
    assert "give the path of one" in refusal("memory", "demo", "--results", "memory://a")


def test_a_server_of_files_is_a_place(tmp_path: Path) -> None:
    """Over a socket, from a server of this machine."""
    authorizers = pytest.importorskip("pyftpdlib.authorizers", reason="pyftpdlib, a server of files, is not installed")
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

    handler = type("Handler", (FTPHandler,), {"authorizer": authorizers.DummyAuthorizer()})
    handler.authorizer.add_user("u", "p", str(tmp_path), perm="elradfmwMT")
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = Remote(f"ftp://u:p@127.0.0.1:{server.address[1]}/results") / "a"
    try:
        assert create_file(place, b"mine")
        assert not create_file(place, b"another's")
        write_whole(place.parent / "decodes" / "b.parquet", lambda path: path.write_bytes(b"b" * 100_000))
        assert (tmp_path / "results" / "decodes" / "b.parquet").read_bytes() == b"b" * 100_000
        assert (place.parent / "decodes").glob("*.parquet") == [place.parent / "decodes" / "b.parquet"]
        place.unlink()
        assert not place.exists()
    finally:
        server.close_all()
