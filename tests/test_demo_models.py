"""The demo's models come out of their archive as they went in, once."""

import lzma
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.demo import packed
from bench.demo.packed import pack, unpacked_models
from bench.errors import BenchError
from bench.model_folders import demo_models

ARCHIVE = Path(packed.__file__).parent / packed.NAME


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_what_is_unpacked_packs_to_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ThreadPoolExecutor(4) as threads:  # all come first
        (folder,) = set(threads.map(lambda _: unpacked_models(), range(4)))
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert demo_models() == sorted(f"demo:{path.name}" for path in folder.iterdir())
    pack(folder, tmp_path / "again.tar.xz")
    again, first = (lzma.decompress(path.read_bytes()) for path in (tmp_path / "again.tar.xz", ARCHIVE))
    assert again == first
    before = contents(folder)
    model = next(folder.rglob("*.safetensors"))
    written = model.stat().st_mtime_ns
    assert contents(unpacked_models()) == before
    assert model.stat().st_mtime_ns == written


def test_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(BenchError, match=r"the demo's models cannot be kept there: .*; set XDG_CACHE_HOME to a folder"):
        unpacked_models()
