"""Whatever malformed thing comes from outside ends in one line that says where it is."""

import io
import json
import os
import shutil
from pathlib import Path

import pytest

from bench.arms import find_arm
from bench.cli.saying import checked
from bench.errors import BenchError
from bench.io.documents import read_json, read_toml
from bench.io.files import cache_root
from bench.recovery.record import read_record
from bench.store import Store
from bench.suite import ArmSpec
from tests.conftest import Command, refusal

LONG = "m" * 300
DEEP, DIGITS = "[" * 100_000, "9" * 5000
HEAD = 'name = "s"\nlanguages = ["en"]\n'


@pytest.mark.parametrize("content", [DEEP, DIGITS, "{", "\xff", "", "[1", '{"a": ' * 50_000])
def test_documents_that_cannot_be_read(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(BenchError, match=r"x is damaged: .*; mend it$"):
        read_json(path, "mend it")
    path.write_bytes(f"a = {content}".encode("latin-1"))
    with pytest.raises(BenchError, match=r"x: not valid TOML: "):
        read_toml(path)


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "model.safetensors.index.json"])
@pytest.mark.parametrize("content", ["[1]", '"x"', "3", "null", DEEP, DIGITS, '{"weight_map": {"a": 1}}'])
def test_files_of_a_model_that_hold_something_else(
    name: str, content: str, model_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(model_folders["control"], folder)
    if "index" in name:
        (folder / "model.safetensors").unlink()
    elif "weight_map" in content:
        pytest.skip("an object, as it should be")
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(BenchError, match=rf"arm a: .*{name} is damaged: "):
        find_arm(ArmSpec(name="a", model=str(folder))).read_json(name)


@pytest.mark.parametrize(
    "text",
    [
        f'arms = [{{ name = "a", model = "./{LONG}" }}]\ncorpus = {{ kind = "manifest", path = "m.tsv" }}',
        f'arms = [{{ name = "a", model = "{LONG}" }}]\ncorpus = {{ kind = "manifest", path = "m.tsv" }}',
        f'arms = [{{ name = "a", model = "demo:48-base" }}]\ncorpus = {{ kind = "manifest", path = "{LONG}" }}',
        f'arms = [{{ name = "a", model = "demo:48-base" }}]\ncorpus = {{ kind = "common-voice", path = "{LONG}" }}',
        f'arms = [{{ name = "a", model = "demo:48-base" }}]\ncorpus = {{ kind = "manifest", path = "{"m/" * 3000}" }}',
    ],
)
def test_names_that_no_file_can_have(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(HEAD + text, encoding="utf-8")
    assert "…: longer than the name of a file can be; mend it" in refusal("run", tmp_path / "s.toml")


def test_a_clip_of_a_name_that_no_file_can_have(suite_file: Path) -> None:
    manifest = suite_file.parent / "clips" / "clips.tsv"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("en0.wav", LONG), encoding="utf-8")
    assert "clips.tsv: line 2: no audio file" in refusal("run", suite_file)


@pytest.mark.parametrize(
    "words", [("run", LONG), ("run", "demo", "--results", LONG), ("compare", f"{LONG}.jsonl", "b")]
)
def test_words_that_no_file_can_be_called(bench: Command, words: tuple[str, ...]) -> None:
    done = bench(*words)
    assert done.returncode == 2
    assert done.stderr == f"bench: {LONG[:40]}…: longer than the name of a file can be; mend it\n"


def test_what_an_encoding_lacks_is_written_out() -> None:
    file = io.BytesIO()
    stream = io.TextIOWrapper(file, encoding="latin-1")
    print("✱ −0.2 é", file=checked(stream))
    assert file.getvalue().decode("latin-1") == "\\u2731 \\u22120.2 é\n"


def test_a_full_disk_behind_the_output_is_named() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(BenchError, match="output: cannot be written: No space left on device"):
        print("x", file=checked(io.TextIOWrapper(io.FileIO(os.open("/dev/full", os.O_WRONLY), "w"))))


def test_without_a_home_the_cache_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(BenchError, match="set XDG_CACHE_HOME"):
        cache_root()


def test_records_that_hold_something_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for content in ("xx", "[1]", '{"decodes": "x", "seconds": 1}', DEEP):
        (tmp_path / "speed.json").write_text(content, encoding="utf-8")
        with pytest.raises(BenchError, match=r"speed\.json is damaged: .*; delete it"):
            store.read_speed()
        (tmp_path / "recovery.json").write_text(content, encoding="utf-8")
        with pytest.raises(BenchError, match=r"recovery\.json is damaged: "):
            read_record(tmp_path, {"key": "k"})
    (tmp_path / "comparisons.parquet").mkdir()
    for read in (store.read_arrow, store.read_table):
        with pytest.raises(BenchError, match=r"comparisons\.parquet is damaged"):
            read(tmp_path / "comparisons.parquet")
        (tmp_path / "garbage").write_bytes(json.dumps([1]).encode())
        with pytest.raises(BenchError, match="garbage is damaged"):
            read(tmp_path / "garbage")
