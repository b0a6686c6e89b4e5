"""Arms that are decoded in two environments join; what that alone does is said, and what a run would need before it."""

import shutil
from collections import namedtuple
from importlib import metadata
from pathlib import Path

import pytest

from bench.corpora import Utterance, loading
from bench.corpora.manifest import read_manifest
from bench.manifest import Manifest
from tests.conftest import Command, write_clips, write_suite

OTHER = "4.46.3"


def pretend(monkeypatch: pytest.MonkeyPatch, transformers: str) -> None:
    """As if this environment had another transformers."""

    def version(name: str) -> str:
        return transformers if name == "transformers" else metadata.version(name)

    for module in ("blocks", "choosing"):
        monkeypatch.setattr(f"bench.runners.{module}.version", version)


@pytest.fixture
def suite(tmp_path: Path, model_folders: dict[str, Path]) -> Path:
    """A control and a converted arm that wants another environment."""
    path = write_suite(tmp_path / "a.toml", model_folders, write_clips(tmp_path / "clips"))
    text = path.read_text(encoding="utf-8").replace(
        'control = "control" }', 'control = "control", transformers = "==4.46.*" }'
    )
    path.write_text(text, encoding="utf-8")
    return path


def test_decodes_of_two_environments_join(
    suite: Path, bench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = bench("run", suite)
    assert "not compared: converted still to be decoded; with transformers ==4.46.*, elsewhere" in here.stdout
    with monkeypatch.context() as patch:
        pretend(patch, OTHER)
        there = bench("run", suite, "--arm", "converted")
        assert there.returncode == 0, there.stderr
        assert "not compared" not in there.stdout
    note = f"converted and control were decoded in different environments (transformers {OTHER} against"
    assert note in there.stderr
    table = bench("table", suite)
    assert note in table.stdout
    assert f"transformers-{OTHER}" in table.stdout
    again = bench("run", suite)
    assert "decoded 0 clips, found 12" in again.stdout
    assert "not compared" not in again.stdout
    assert bench("verify", suite).returncode == 0
    manifest = Manifest.read(tmp_path / "results" / "mine" / "manifest.json")
    assert manifest.arms["converted"].settings.transformers == OTHER
    suite.write_text(suite.read_text(encoding="utf-8").replace("max_new_tokens = 12", "max_new_tokens = 11"))
    changed = bench("run", suite)
    assert "not compared: converted still to be decoded" in changed.stdout, "of other settings: no part of this"


def test_an_arm_in_the_wrong_environment_is_refused(suite: Path, bench: Command) -> None:
    refused = bench("run", suite, "--arm", "converted")
    assert refused.returncode == 2
    assert "arm converted is to be decoded with transformers ==4.46.*, here is" in refused.stderr


def test_what_an_arm_wants_is_said_as_versions_are(suite: Path, bench: Command) -> None:
    suite.write_text(suite.read_text(encoding="utf-8").replace("==4.46.*", "4.46"))
    assert "versions are said as" in bench("run", suite).stderr


def test_a_healthy_suite_has_no_failure(suite: Path, bench: Command) -> None:
    examined = bench("doctor", suite)
    assert examined.returncode == 0
    lines = [line.split(maxsplit=2) for line in examined.stdout.splitlines()]
    assert ["note", "versions"] in [line[:2] for line in lines]
    topics = {line[1] for line in lines}
    assert topics == {"versions", "GPU", "models", "data", "speakers", "decodes", "disk", "effect"}
    assert "0 of 12 are there; 12 to be made in this environment" in examined.stdout
    bench("run", suite)
    assert "12 of 12 are there; 0 to be made" in bench("doctor", suite).stdout


@pytest.mark.parametrize(
    ("old", "new", "topic", "complaint"),
    [
        ("batch = 4", 'batch = 4\ndevice = "cuda"', "GPU", "no CUDA GPU here"),
        ("clips.tsv", "none.tsv", "data", "no such manifest"),
        ('languages = ["en", "de"]', 'languages = ["en", "fr"]', "data", "language 'fr' has no utterances"),
        ("max_new_tokens = 12", "max_new_tokens = 90", "models", "has room for at most 60"),
        ("[decode]", '[statistics]\nunit = "speaker"\n[decode]', "speakers", ""),
        (', transformers = "==4.46.*"', "", "", ""),
    ],
)
def test_the_doctor_names_what_a_run_would_fail_of(
    old: str, new: str, topic: str, complaint: str, suite: Path, bench: Command
) -> None:
    text = suite.read_text(encoding="utf-8")
    assert old in text
    suite.write_text(text.replace(old, new), encoding="utf-8")
    examined, ran = bench("doctor", suite), bench("run", suite)
    failures = [line for line in examined.stdout.splitlines() if line.startswith("FAIL")]
    assert examined.returncode == (1 if complaint else 0)
    assert ran.returncode == (2 if complaint else 0)
    if complaint:
        assert any(line.split()[1] == topic and complaint in line for line in failures)
        assert any(line.endswith(ran.stderr.strip().removeprefix("bench: ")) for line in failures)


def test_the_doctor_reads_the_corpus_once(suite: Path, bench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(path: Path, languages: tuple[str, ...]) -> list[Utterance]:
        read.append(path)
        return read_manifest(path, languages)

    monkeypatch.setattr(loading, "read_manifest", counted)
    assert bench("doctor", suite).returncode == 0
    assert len(read) == 1


def test_too_little_room_on_the_disk(suite: Path, bench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10, 10, 100))
    examined = bench("doctor", suite)
    assert examined.returncode == 1
    assert "FAIL  disk" in examined.stdout
    assert "make room or name another --results" in examined.stdout


def test_a_wish_for_another_version_is_not_met_by_old_decodes(suite: Path, bench: Command) -> None:
    wish = ', transformers = "==4.46.*"'
    text = suite.read_text(encoding="utf-8")
    suite.write_text(text.replace(wish, ""), encoding="utf-8")
    assert "not compared" not in bench("run", suite).stdout
    suite.write_text(text, encoding="utf-8")
    refused = bench("compare", suite)
    assert refused.returncode == 2
    assert "arm converted was decoded with transformers" in refused.stderr
    assert "not compared: converted still to be decoded" in bench("run", suite).stdout


def test_an_arm_stays_as_it_was_recorded(
    suite: Path, bench: Command, tmp_path: Path, model_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another environment, though its parts of this one are there too; and where its model is not."""
    wish = ', transformers = "==4.46.*"'
    shutil.copytree(model_folders["converted"], tmp_path / "elsewhere")
    text = suite.read_text(encoding="utf-8").replace(str(model_folders["converted"]), str(tmp_path / "elsewhere"))
    suite.write_text(text.replace(wish, ""), encoding="utf-8")
    assert bench("run", suite).returncode == 0
    with monkeypatch.context() as patch:
        pretend(patch, OTHER)
        assert bench("run", suite, "--arm", "converted").returncode == 0
    shutil.rmtree(tmp_path / "elsewhere")
    for _ in range(2):
        again = bench("run", suite, "--arm", "control")
        assert "not compared" not in again.stdout
        manifest = Manifest.read(tmp_path / "results" / "mine" / "manifest.json")
        assert manifest.arms["converted"].settings.transformers == OTHER


def test_decodes_of_an_older_recipe_are_not_kept(suite: Path, bench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program decodes otherwise now, so another environment's decodes of before are of the past."""
    with monkeypatch.context() as patch:
        pretend(patch, OTHER)
        assert "not compared" not in bench("run", suite).stdout
    monkeypatch.setattr("bench.runners.blocks.RECIPE", -1)
    assert "not compared: converted still to be decoded" in bench("run", suite, "--arm", "control").stdout
