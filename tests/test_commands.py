"""The command line as a user types it: results on stdout, one-line errors on stderr, exit codes."""

import ast
import inspect
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.cli import VERBS
from tests.conftest import Command, write_clips, write_suite


def one_line_error(result: subprocess.CompletedProcess[str]) -> str:
    """The message of a user error: exit code 2, no traceback, nothing on stdout."""
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("bench: ")
    return line


def test_run_compare_and_table(typed: Command, suite_file: Path, tmp_path: Path) -> None:
    first = typed("run", suite_file)
    assert first.stdout.startswith("decoded 24 clips, found 0 already decoded"), first.stderr
    assert "control, converted have identical encoders" in first.stderr
    table = typed("table", suite_file)
    assert table.stdout.startswith("measured: mine\n")
    assert (tmp_path / "reports" / "mine" / "table.md").read_text(encoding="utf-8") == table.stdout
    second = typed("run", suite_file)
    assert second.stdout.startswith("decoded 0 clips, found 24 already decoded")
    assert typed("compare", suite_file).returncode == 0
    assert typed("table", suite_file).stdout == table.stdout


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_verb_reads_every_option_that_it_takes(verb: Callable[..., None]) -> None:
    (function,) = ast.parse(inspect.getsource(verb)).body
    assert isinstance(function, ast.FunctionDef)
    read = {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}
    assert set(inspect.signature(verb).parameters) <= read


def test_another_folder_and_another_corpus(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "clips").rename(tmp_path / "moved")
    assert "no such manifest" in one_line_error(bench("run", suite_file))
    moved = bench("run", suite_file, "--corpus-path", tmp_path / "moved" / "clips.tsv", "--results", tmp_path / "out")
    assert moved.returncode == 0, moved.stderr
    assert (tmp_path / "out" / "mine" / "comparisons.parquet").exists()


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            'name = "converted", model = "',
            'name = "converted", model = "/nowhere',
            "arm converted: no model folder /nowhere",
        ),
        ("[decode]", "[decode]\nbeams = 5", "decode.beams: unknown key"),
        ('["en", "de"]', '["en", "fr"]', "language 'fr' has no utterances"),
        ("max_new_tokens = 12", "max_new_tokens = 61", "arm control has room for at most 60"),
        ("[decode]", '[decode]\ndevice = "cuda"', "no CUDA GPU here"),
        ("clips.tsv", "absent.tsv", "absent.tsv: no such manifest"),
    ],
)
def test_mistakes(
    bench: Command, suite_file: Path, wrong: str, right: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    text = suite_file.read_text(encoding="utf-8")
    assert wrong in text
    suite_file.write_text(text.replace(wrong, right), encoding="utf-8")
    assert message in one_line_error(bench("run", suite_file))


def test_a_row_without_text_is_named(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "clips" / "clips.tsv"
    manifest.write_text(manifest.read_text().replace("en3.wav\tone two three", "en3.wav\t"), encoding="utf-8")
    assert "clips.tsv: line 5 has no text" in one_line_error(bench("run", suite_file))


def test_missing_speakers_are_said_before_decoding(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "clips" / "clips.tsv"
    manifest.write_text(manifest.read_text().replace("speaker0", ""), encoding="utf-8")
    text = suite_file.read_text(encoding="utf-8")
    suite_file.write_text(text + '\n[statistics]\nunit = "speaker"\n', encoding="utf-8")
    assert "names no speaker" in one_line_error(bench("run", suite_file))
    assert not (tmp_path / "results").exists()
    suite_file.write_text(text, encoding="utf-8")
    left_open = bench("run", suite_file)
    assert left_open.returncode == 0
    assert "caution: en de: 2 of 6 clips name no speaker, so clips are resampled" in left_open.stderr
    assert "unit:utterance" in bench("table", suite_file).stdout


def test_models_that_do_not_hang_together(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """Files left out, cut short or of another model: each told in one line, none decoded with."""
    manifest = write_clips(tmp_path / "clips")
    broken = tmp_path / "broken"
    cases = [
        ("tokenizer.json", None, "the tokenizer in"),
        ("model.safetensors", b"cut short", "is damaged"),
        ("preprocessor_config.json", b'{"chunk_length": 30}', "the model takes 80 x 300"),
        ("config.json", b'{"d_model"', "config.json is damaged"),
        ("generation_config.json", b'{"eos', "generation_config.json is damaged"),
        ("generation_config.json", b'{"lang_to_id": {"<|en|>": 1}}', "another model's (<|en|> has id"),
    ]
    for name, content, message in cases:
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(model_folders["converted"], broken)
        (broken / name).unlink()
        if content is not None:
            (broken / name).write_bytes(content)
        suite = write_suite(tmp_path / "s.toml", model_folders | {"converted": broken}, manifest)
        assert message in one_line_error(bench("run", suite))


def test_a_folder_that_cannot_be_written(bench: Command, suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in one_line_error(bench("run", suite_file, "--results", tmp_path / "file"))


def test_the_demo_takes_no_corpus_of_ones_own(bench: Command, tmp_path: Path) -> None:
    assert "is embedded and takes no path" in one_line_error(bench("run", "demo", "--corpus-path", tmp_path))


def test_a_table_before_a_run_says_what_to_do(bench: Command, suite_file: Path) -> None:
    assert "run `bench" in one_line_error(bench("table", suite_file))


def test_pickles_and_foreign_code_are_refused(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    pickled, foreign = tmp_path / "pickled", tmp_path / "foreign"
    for folder in (pickled, foreign):
        folder.mkdir()
        for file in model_folders["converted"].iterdir():
            if folder is foreign or file.suffix != ".safetensors":
                (folder / file.name).write_bytes(file.read_bytes())
    config = foreign / "config.json"
    config.write_text(config.read_text().replace("{", '{"auto_map": {"AutoConfig": "x.Y"},', 1), encoding="utf-8")
    manifest = write_clips(tmp_path / "clips")
    for folder, message in ((pickled, "holds no .safetensors"), (foreign, "set trust_remote_code = true")):
        suite = write_suite(tmp_path / "s.toml", model_folders | {"converted": folder}, manifest)
        assert message in one_line_error(bench("run", suite))


def test_a_hub_that_cannot_be_reached_is_one_line(typed: Command, suite_file: Path) -> None:
    text = suite_file.read_text(encoding="utf-8").replace(
        'name = "control", model = "', 'name = "control", model = "no/such'
    )
    start = text.index("no/such") + len("no/such")
    suite_file.write_text(text[:start] + text[text.index('"', start) :], encoding="utf-8")
    assert (
        "no folder no/such beside the suite, and model no/such: not in the hub's cache, and HF_HUB_OFFLINE is set"
        in one_line_error(typed("run", suite_file))
    )


def test_help_answers_without_loading_torch(typed: Command) -> None:
    result = typed("--help")
    assert result.returncode == 0
    for verb in ("run", "compare", "table", "verify", "plan"):
        assert verb in result.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, bench.cli; print('torch' in sys.modules, 'pandas' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False False"


def test_an_interrupt_is_130_and_keeps_what_was_decoded(suite_file: Path, tmp_path: Path) -> None:
    manifest = write_clips(tmp_path / "clips", clips=600)
    assert manifest.exists()
    command = [sys.executable, "-m", "bench", "run", str(suite_file)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    parts = tmp_path / "results" / "mine" / "decodes"
    deadline = time.monotonic() + 120
    while not list(parts.glob("[!.]*.parquet")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; parts and checkpoints that were written are kept" in errors
    assert "Traceback" not in errors
    assert list(parts.glob("*.parquet"))
