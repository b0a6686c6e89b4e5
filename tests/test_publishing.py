"""An export with its card, as typed: its own figures, nothing of this machine; and pushed to a hub that is fake."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import ModelCard, constants
from huggingface_hub.errors import HFValidationError

from bench.io import publishing
from tests.conftest import Command, command, refusal, write_clips, write_suite

BEGIN, END = "<!-- whisper-mla-bench: begin -->", "<!-- whisper-mla-bench: end -->"


class Hub:
    """What was uploaded, by repository and name; `error` is raised instead."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.error: Exception | None = None

    def create_repo(self, repo: str, repo_type: str, exist_ok: bool) -> None:
        if self.error is not None:
            raise self.error
        self.files.setdefault(repo, {})

    def file_exists(self, repo: str, name: str) -> bool:
        return name in self.files[repo]

    def hf_hub_download(self, repo: str, name: str, local_dir: str) -> str:
        (Path(local_dir) / name).write_bytes(self.files[repo][name])
        return str(Path(local_dir) / name)

    def upload_folder(self, repo_id: str, folder_path: Path, repo_type: str, commit_message: str) -> None:
        self.files[repo_id] |= {path.name: path.read_bytes() for path in folder_path.iterdir()}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub()
    monkeypatch.setattr(publishing, "HfApi", lambda: made)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return made


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, model_folders: dict[str, Path]) -> Path:
    """A folder with `mla`, converted on clips that are called by their whole paths, and a suite that measured it."""
    folder = tmp_path_factory.mktemp("published")
    manifest = write_clips(folder / "clips")
    lines = manifest.read_text(encoding="utf-8").splitlines()
    manifest.write_text("\n".join([lines[0], *(f"{folder}/clips/{line}" for line in lines[1:])]), encoding="utf-8")
    original = folder / "original"
    shutil.copytree(model_folders["control"], original)
    settings = original / "tokenizer_config.json"
    places = {"name_or_path": str(folder), "tokenizer_file": str(folder / "tokenizer.json")}
    settings.write_text(json.dumps(json.loads(settings.read_text(encoding="utf-8")) | places), encoding="utf-8")
    mla = folder / "mla"
    command("convert", original, mla, "--cache-cut", 0.75, "--even", "--calibration", manifest)
    suite = write_suite(folder / "s.toml", {"control": original, "converted": mla}, manifest)
    results = ("--results", folder / "results")
    command("run", suite, *results)
    command("compare", suite, *results)
    return folder


def export(published: Path, name: str, *options: object) -> Path:
    command("export", published / "mla", published / name, *options)
    return published / name


def measured(published: Path) -> tuple[object, ...]:
    return ("--suite", published / "s.toml", "--results", published / "results")


def test_an_export_has_the_card_of_its_figures(published: Path) -> None:
    """Accepted by the hub's own reader; the signature is that of the suite's records."""
    folder = export(published, "whisper-micro-mla", *measured(published), "--license", "mit")
    card = ModelCard.load(folder / "README.md")
    assert (card.data.license, card.data.pipeline_tag) == ("mit", "automatic-speech-recognition")
    assert {each.metric_args["language"] for each in card.data.eval_results} == {"en", "de"}
    assert "\n# whisper-micro-mla\n" in card.content
    assert "Converted from original: decoder self-attention keeps " in card.content
    assert "Calibrated on clips in German and English." in card.content
    (picture,) = re.findall(r"!\[.*\]\((.*)\)", card.content)
    assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_an_export_says_what_its_card_lacks(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(published, "without-licence", *measured(published))
    assert "caution: the card names no licence; --license ID does" in capsys.readouterr().err
    export(published, "with-licence", *measured(published), "--license", "mit")
    assert "licence" not in capsys.readouterr().err


def test_nothing_says_where_files_lay(published: Path) -> None:
    folder = export(published, "anywhere", *measured(published))
    texts = [path for path in folder.iterdir() if path.suffix in (".json", ".md", ".txt")]
    assert {"README.md", "conversion.json", "tokenizer_config.json", "config.json"} <= {path.name for path in texts}
    assert [path.name for path in texts if str(published.parent) in path.read_text(encoding="utf-8")] == []
    record = json.loads((folder / "conversion.json").read_text(encoding="utf-8"))
    assert record["base"] == "original"
    assert all(re.fullmatch(r"(en|de)/\1\d\.wav", name) for name in record["damage"]["made_with"])


def test_its_snippet_runs(published: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As somebody would paste it beside the folder; the audio is given as samples, which needs no ffmpeg."""
    folder = export(published, "snippet")
    (code,) = re.findall(r"```python\n(.*?)\n```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(published)
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(published / "modules"))
    audio = np.zeros(16_000, dtype=np.float32)
    names: dict[str, Any] = {"audio": audio}
    assert code.count('"speech.wav"') == 1
    exec(code.replace('"speech.wav"', "audio"), names)
    assert type(names["model"]).__name__ == "WhisperMLAForConditionalGeneration"
    assert len(capsys.readouterr().out.splitlines()) >= 1


def test_a_card_without_a_suite_leaves_a_place_for_it(published: Path) -> None:
    folder = export(published, "bare", "--title", "Micro", "--base-model", "openai/whisper-tiny")
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "\n# Micro\n" in text
    assert "is not measured yet" in text
    data = ModelCard(text).data
    assert (data.base_model, data.license) == ("openai/whisper-tiny", "apache-2.0")
    (suite, *results) = measured(published)[1:]
    where = ("--into", folder / "README.md", "--reports", published / "reports")
    command("card", suite, *results, *where)
    filled = (folder / "README.md").read_text(encoding="utf-8")
    assert filled.partition(BEGIN)[0] == text.partition(BEGIN)[0]
    assert "is not measured yet" not in filled
    assert (folder / "card.png").is_file()


def test_figures_of_other_weights_are_refused(published: Path, bench: Command, tmp_path: Path) -> None:
    refused = refusal("export", "demo:96-paper-62.5", tmp_path / "out", *measured(published))
    assert "none of its arms has this model's files" in refused
    assert not (tmp_path / "out").exists()


def test_a_model_is_pushed_with_its_card(published: Path, hub: Hub) -> None:
    folder = export(published, "pushed", *measured(published), "--push", "me/micro")
    files = hub.files["me/micro"]
    assert set(files) == {path.name for path in folder.iterdir()}
    assert b'name = "me/micro"' in files["README.md"]


def test_a_card_is_pushed_and_what_others_wrote_stays(published: Path, hub: Hub) -> None:
    suite, *results = measured(published)[1:]
    push = (suite, *results, "--reports", published / "pushed-reports", "--push", "me/card")
    command("card", *push)
    assert set(hub.files["me/card"]) == {"README.md", "card.png"}
    first = hub.files["me/card"]["README.md"].decode()
    hub.files["me/card"]["README.md"] = f"# Mine\n{BEGIN}\nold\n{END}\nmy words".encode()
    command("card", *push)
    kept = hub.files["me/card"]["README.md"].decode()
    assert kept.startswith(f"# Mine\n{BEGIN}\n")
    assert kept.endswith(f"{END}\nmy words")
    assert kept.partition(BEGIN)[2].partition(END)[0] == first.partition(BEGIN)[2].partition(END)[0]
    hub.files["me/card"]["README.md"] = b"# Mine alone"
    assert refusal("card", *push).startswith("--push me/card: its README.md: the place of the block is not marked")
    assert hub.files["me/card"]["README.md"] == b"# Mine alone"


@pytest.mark.parametrize(
    ("error", "complaint"),
    [
        (HFValidationError("x"), "--push me/x: is no hub id; mend it"),
        (RuntimeError("gone\nand more"), "--push me/x: the hub cannot be reached; "),
    ],
)
def test_what_the_hub_says_is_one_line(
    error: Exception, complaint: str, published: Path, hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.error = error
    suite, *results = measured(published)[1:]
    refused = refusal("card", suite, *results, "--reports", published / "refused", "--push", "me/x")
    assert refused.startswith(complaint)
    assert "\n" not in refused.strip()
    assert "caution: the card names no licence" in capsys.readouterr().err, "said before anything is uploaded"


def test_a_push_that_cannot_be_is_refused_before_anything_is_written(published: Path, tmp_path: Path) -> None:
    for repo, complaint in (("micro", "must be OWNER/NAME"), ("me/micro", "HF_HUB_OFFLINE is set")):
        assert complaint in refusal("export", published / "mla", tmp_path / "out", "--push", repo)
    assert not (tmp_path / "out").exists()
