"""The ready-made suites of the published models against a hub that lies in its cache, through the commands."""

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
from huggingface_hub import constants

from bench.arms import find_arm
from bench.corpora.hub.layouts import FLEURS
from bench.manifest import Manifest
from bench.suite import ArmSpec, load_suite
from tests.common_voice import LOCALES, Planted, write_release
from tests.conftest import Command
from tests.hub import demo_clips, fleurs_rows, place_fleurs, place_model, stretch

LANGUAGES = load_suite("whisper-tiny-mla").languages
CONTROL, CONVERTED = "burakaydinofficial/whisper-tiny-cv11", "burakaydinofficial/whisper-tiny-mla-cv11"
COMMIT = "WHISPER_TINY_MLA_COMMIT"
SUITES = Path(__file__).parents[2] / "bench" / "suites"
PUBLISHED = Path(__file__).parents[2] / "results" / "published"
OLD = version("transformers").startswith("4.46.")


@pytest.fixture
def hub(bench: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a user has downloaded and exported: both models, FLEURS, a Common Voice release. Returns the variables."""
    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    control, converted = (
        stretch(find_arm(ArmSpec(name="a", model=f"demo:96-{name}")).folder, tmp_path / name)
        for name in ("control", "paper-62.5")
    )
    assert bench("export", converted, "exported").returncode == 0
    place_model(cache, CONTROL, control)
    commit = place_model(cache, CONVERTED, tmp_path / "exported")
    place_fleurs(cache, {FLEURS[language]: fleurs_rows(*demo_clips(language, 6)) for language in LANGUAGES})
    release = write_release(tmp_path, "17.0-2024-03-15", LOCALES, Planted())
    return {COMMIT: commit, "COMMON_VOICE": str(release)}


def unpinned(name: str, path: Path) -> Path:
    """The same suite with all arms in this environment."""
    text = (SUITES / f"{name}.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "-newer" not in line]
    text = "\n".join(lines).replace(', transformers = "==4.46.*"', "")
    path.write_text(text.replace(f'name = "{name}"', 'name = "here"'), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["whisper-tiny-mla", "whisper-tiny-mla-fleurs"])
def test_up_to_the_table_and_the_reproduction(name: str, bench: Command, hub: dict[str, str], tmp_path: Path) -> None:
    suite = unpinned(name, tmp_path / "here.toml")
    shutil.copytree(PUBLISHED, tmp_path / "results" / "published")
    ran = bench("run", suite, **hub)
    assert ran.returncode == 0, ran.stderr
    assert f"decoded {2 * 6 * len(LANGUAGES)} clips" in ran.stdout
    table = bench("table", suite, **hub)
    assert table.returncode == 0, table.stderr
    assert "## mla against control" in table.stdout
    assert ("the corpus names no speakers; clips of one id are resampled together" in table.stdout) == (
        name == "whisper-tiny-mla-fleurs"
    )
    reproduced = bench("table", suite, "--published", **hub)
    assert reproduced.returncode == 0, reproduced.stderr
    lines = [line for line in reproduced.stdout.splitlines() if line.startswith("| mla ")]
    assert len(lines) == 3 * len(LANGUAGES)
    assert ("this suite measures other speech" in reproduced.stdout) == (name == "whisper-tiny-mla-fleurs")
    assert bench("verify", suite, **hub).returncode == 0
    manifest = Manifest.read(tmp_path / "results" / "here" / "manifest.json")
    assert manifest.arms["mla"].commit == hub[COMMIT]
    assert (manifest.corpus.clusters == "id") == (name == "whisper-tiny-mla-fleurs")
    assert bench("run", suite, **hub).stdout.startswith("decoded 0 clips")


@pytest.mark.parametrize("name", ["whisper-tiny-mla", "whisper-tiny-mla-fleurs"])
def test_each_environment_decodes_its_arms(name: str, bench: Command, hub: dict[str, str]) -> None:
    ran = bench("run", name, **hub)
    assert ran.returncode == 0, ran.stderr
    arms = 2 if OLD else 1
    assert f"decoded {arms * 6 * len(LANGUAGES)} clips" in ran.stdout
    left = "control-newer" if OLD else "control, mla"
    assert f"not compared: {left} still to be decoded" in ran.stdout
    refused = bench("run", name, "--arm", "control-newer" if OLD else "mla", **hub)
    assert refused.returncode == 2
    assert f"here is {version('transformers')}; run it in an environment that has it" in refused.stderr


def test_code_runs_only_at_a_commit_that_was_named(bench: Command, hub: dict[str, str], tmp_path: Path) -> None:
    del hub[COMMIT]
    refused = bench("run", unpinned("whisper-tiny-mla-fleurs", tmp_path / "here.toml"), **hub)
    assert refused.returncode == 2
    assert (
        f"revision ${{{COMMIT}}} is a variable that is not set; export the commit that you have read" in refused.stderr
    )
