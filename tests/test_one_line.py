"""Whatever malformed thing comes from outside ends in one line that says where it is."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.arms import find_arm, load_arm
from bench.cli.saying import checked
from bench.errors import BenchError
from bench.io.documents import read_json, read_toml
from bench.io.files import cache_root
from bench.recovery.record import read_record
from bench.store import Store
from bench.suite import ArmSpec, DecodeSpec
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
    ("name", "key", "value"),
    [
        *(("preprocessor_config.json", key, "x") for key in ("padding_value", "dither", "padding_side", "n_fft")),
        *(("preprocessor_config.json", key, 2) for key in ("padding_value", "dither", "n_fft", "hop_length")),
        ("preprocessor_config.json", "padding_side", "left"),
        ("preprocessor_config.json", "sampling_rate", 8000),
        ("generation_config.json", "suppress_tokens", [10**9]),
        ("generation_config.json", "begin_suppress_tokens", [0, 10**30]),
    ],
)
def test_front_ends_and_tokens_that_are_no_whispers(
    name: str, key: str, value: object, model_folders: dict[str, Path], tmp_path: Path
) -> None:
    """They would fail in the first batch, or decode other features than the model was taught, without a word."""
    folder = tmp_path / "m"
    shutil.copytree(model_folders["control"], folder)
    path = next(each for each in (folder / name, folder / "processor_config.json") if each.is_file())
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {key: value}), encoding="utf-8")
    with pytest.raises(BenchError, match=r"^arm a: ") as caught:
        load_arm(find_arm(ArmSpec(name="a", model=str(folder))), DecodeSpec(max_new_tokens=4), ["en"])
    assert "\n" not in str(caught.value)


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


def test_without_a_home_reports_are_rendered() -> None:
    """By a user whom the system does not know, as in containers."""
    homeless = "import pwd; pwd.getpwuid = {}.__getitem__; import bench.reporting.catalogue"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HOME", "XDG_"))}
    done = subprocess.run([sys.executable, "-c", homeless], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_records_that_hold_something_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    zero, endless = '{"decodes": 0, "seconds": 1}', '{"decodes": 1, "seconds": Infinity}'
    for content in ("xx", "[1]", '{"decodes": "x", "seconds": 1}', zero, endless, DEEP):
        (tmp_path / "speed.json").write_text(content, encoding="utf-8")
        with pytest.raises(BenchError, match=r"speed\.json is damaged: .*; delete it"):
            store.read_speed()
        (tmp_path / "recovery.json").write_text(content, encoding="utf-8")
        with pytest.raises(BenchError, match=r"recovery\.json is damaged: "):
            read_record(tmp_path, {"key": "k"})
    part = store.part_path("k")
    part.mkdir(parents=True)
    with pytest.raises(BenchError, match=r"k\.parquet is damaged .*delete it and run `bench run` again"):
        store.bytes_per_decode()
    (tmp_path / "comparisons.parquet").mkdir()
    for read in (store.read_arrow, store.read_table):
        with pytest.raises(BenchError, match=r"comparisons\.parquet is damaged"):
            read(tmp_path / "comparisons.parquet")
        (tmp_path / "garbage").write_bytes(json.dumps([1]).encode())
        with pytest.raises(BenchError, match="garbage is damaged"):
            read(tmp_path / "garbage")


def test_a_table_that_was_changed_is_told(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    """By a disk or by hand, and be it one bit: no report is rendered of it, and the way out leads out."""
    assert bench("run", suite_file).returncode == 0
    printed, folder = bench("table", suite_file).stdout, tmp_path / "results" / "mine"
    for name in ("comparisons", "summaries", "counts", "slices"):
        path = folder / f"{name}.parquet"
        whole = path.read_bytes()
        path.write_bytes(bytes([*whole[:200], whole[200] ^ 4, *whole[201:]]))
        for verb in ("table", "card", "report"):
            refused = bench(verb, suite_file)
            assert refused.returncode == 2
            assert f"{name}.parquet" in refused.stderr
            assert refused.stderr.endswith("run `bench compare` on this suite\n")
        assert bench("compare", suite_file).returncode == 0
        assert path.read_bytes() == whole
        assert bench("table", suite_file).stdout == printed
    (folder / "tables.json").write_text("[1]", encoding="utf-8")
    assert "tables.json is damaged" in bench("table", suite_file).stderr
