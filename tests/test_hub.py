"""What a hub can answer, by a server that answers it: one line each, and the doctor names it before a run does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants
from huggingface_hub.utils import close_session

from bench.errors import BenchError
from bench.io.hub import find_snapshot
from tests.conftest import Command, write_clips, write_suite

COMMIT = "1" * 40
ANSWERS = {
    "some/missing": (404, "RepoNotFound"),
    "some/private": (401, "RepoNotFound"),
    "some/gated": (403, "GatedRepo"),
    "some/moved": (404, "RepoNotFound"),
    "some/branch": (404, "RevisionNotFound"),
    "some/forbidden": (403, ""),
    "some/broken": (500, ""),
}


class _Hub(BaseHTTPRequestHandler):
    """Refuses what `ANSWERS` says, and serves every other repository from `folder`."""

    folder: ClassVar[Path]

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, *_: object) -> None:
        """Not to the terminal."""

    def _answer(self, body: bool) -> None:
        repo = next((name for name in ANSWERS if name in self.path), None)
        if repo is not None:
            status, code = ANSWERS[repo]
            self._send(status, b"{}", {"X-Error-Code": code} if code else {}, body)
        elif self.path.startswith("/api/") and "/tree/" in self.path:
            files = [
                {"type": "file", "path": name, "oid": COMMIT, "size": (self.folder / name).stat().st_size}
                for name in self._names()
            ]
            self._send(200, json.dumps(files).encode(), {"Content-Type": "application/json"}, body)
        elif self.path.startswith("/api/"):
            about = {"id": "some/model", "sha": COMMIT, "siblings": [{"rfilename": name} for name in self._names()]}
            self._send(200, json.dumps(about).encode(), {"Content-Type": "application/json"}, body)
        else:
            content = (self.folder / self.path.partition(f"/resolve/{COMMIT}/")[2]).read_bytes()
            self._send(200, content, {"X-Repo-Commit": COMMIT, "ETag": f'"{len(content)}"'}, body)

    def _names(self) -> list[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)


@pytest.fixture
def hub(tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A hub on this machine, and a cache that is empty."""
    _Hub.folder = model_folders["converted"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    close_session()
    yield endpoint
    server.shutdown()
    close_session()


@pytest.mark.parametrize(
    ("repo", "complaint"),
    [
        ("some/missing", "is not on the hub, has moved, or is private: look at http"),
        ("some/private", "if it is private, log in by `hf auth login`"),
        ("some/gated", "is gated: accept its terms at http"),
        ("some/moved", "has moved"),
        ("some/branch", "at main2 does not exist, though the repository does; mend revision"),
        ("some/forbidden", "log in by `hf auth login`"),
        ("some/broken", "the hub answers 500; try again later"),
        ("no hub id", "is no hub id; mend it"),
    ],
)
def test_what_cannot_be_had_is_one_line(repo: str, complaint: str, hub: str) -> None:
    with pytest.raises(BenchError) as caught:
        find_snapshot("model", repo, "main2", ["*"])
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_of_the_hub_is_downloaded_once(hub: str, model_folders: dict[str, Path]) -> None:
    found = find_snapshot("model", "some/model", None, ["*.json", "*.safetensors"])
    assert found.commit == COMMIT
    for name in ("config.json", "model.safetensors"):
        assert (found.folder / name).read_bytes() == (model_folders["converted"] / name).read_bytes()


def test_a_hub_that_is_gone_leaves_what_was_cached(
    hub: str, monkeypatch: pytest.MonkeyPatch, model_folders: dict[str, Path]
) -> None:
    first = find_snapshot("model", "some/model", None, ["config.json"])
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    assert find_snapshot("model", "some/model", COMMIT, ["config.json"]) == first  # a commit is what it was
    for revision in (None, "main"):
        with pytest.raises(BenchError, match="the hub cannot be reached; set HF_HUB_OFFLINE=1 to take what is cached"):
            find_snapshot("model", "some/model", revision, ["config.json"])
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert find_snapshot("model", "some/model", None, ["config.json"]) == first


def test_what_is_no_hub_is_one_line(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's page, say."""
    monkeypatch.setattr(_Hub, "_answer", lambda self, body: self._send(200, b"<html>log in</html>", {}, body))
    with pytest.raises(BenchError) as caught:
        find_snapshot("model", "some/model", None, ["config.json"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("repo", [*ANSWERS, "some/other"])
def test_the_doctor_names_it_before_the_run_does(
    repo: str, hub: str, bench: Command, tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if repo == "some/other":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    suite = write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))
    text = suite.read_text(encoding="utf-8").replace(str(model_folders["converted"]), repo)
    suite.write_text(text, encoding="utf-8")
    examined = bench("doctor", suite)
    assert examined.returncode == 1
    failures = [line for line in examined.stdout.splitlines() if line.startswith("FAIL")]
    refused = bench("run", suite)
    assert refused.returncode == 2
    said = refused.stderr.strip().removeprefix("bench: ")
    assert f"FAIL  models    {said}" in failures
