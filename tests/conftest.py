"""Shared fixtures: micro models with random weights, manifests of generated clips, the command as a user types it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything that reads it is imported

import numpy as np
import pytest
import soundfile
import torch
from transformers import WhisperForConditionalGeneration, WhisperTokenizer

from bench.cli import app, main
from bench.demo.recipe.pretrain import make_model
from bench.demo.recipe.tokenizer import make_processor, train_tokenizer
from bench.errors import BenchError
from bench.mla.convert import convert
from bench.mla.shapes import LatentShape

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Real speech from outside the project; most machines do not have it."""
    folder = os.environ.get("BENCH_TEST_DATA")
    if not folder:
        pytest.skip("BENCH_TEST_DATA is not set: no folder of real speech")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def real_models() -> Path:
    """whisper-base and whisper-tiny.en as transformers folders; most machines do not have them."""
    folder = os.environ.get("BENCH_REAL_MODELS")
    if not folder or not (Path(folder).expanduser() / "whisper-base").is_dir():
        pytest.skip("BENCH_REAL_MODELS names no folder with whisper-base and whisper-tiny.en")
    return Path(folder).expanduser().resolve()


@pytest.fixture(scope="session")
def tokenizer() -> WhisperTokenizer:
    return train_tokenizer(["one two three", "eins zwei drei", "一二三"] * 5)


@pytest.fixture(scope="session")
def random_model(tokenizer: WhisperTokenizer) -> WhisperForConditionalGeneration:
    """A random Whisper of the demo's shape, with weights large enough that its transcripts vary."""
    torch.manual_seed(0)
    model = make_model(tokenizer, 48).eval()
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(12)
    return model


@pytest.fixture(scope="session")
def model_folders(
    tmp_path_factory: pytest.TempPathFactory, tokenizer: WhisperTokenizer, random_model: WhisperForConditionalGeneration
) -> dict[str, Path]:
    """`control`, its `converted` twin, and `other`, which has an encoder of its own."""
    root = tmp_path_factory.mktemp("models")
    torch.manual_seed(1)
    models = {
        "control": random_model,
        "converted": convert(random_model, {"self": LatentShape(kept=0, rank=6)}, "svd"),
        "other": make_model(tokenizer, 48),
    }
    processor = make_processor(tokenizer)
    for name, model in models.items():
        model.save_pretrained(root / name)
        processor.feature_extractor.save_pretrained(root / name)
        processor.tokenizer.save_pretrained(root / name)
    return {name: root / name for name in models}


def write_clips(folder: Path, languages: Sequence[str] = ("en", "de"), clips: int = 6) -> Path:
    """Generated tones as 16 kHz wav and a TSV manifest of them; three speakers a language."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    lines = ["path\ttext\tspeaker\tlang"]
    for language in languages:
        for i in range(clips):
            seconds = rng.uniform(0.5, 2.5)
            tone = np.sin(2 * np.pi * rng.uniform(100, 3000) * np.arange(int(16_000 * seconds)) / 16_000)
            noise = rng.normal(size=len(tone))
            soundfile.write(folder / f"{language}{i}.wav", 0.2 * tone + 0.05 * noise, 16_000)
            lines.append(f"{language}{i}.wav\tone two three\tspeaker{i % 3}\t{language}")
    manifest = folder / "clips.tsv"
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return manifest


def write_suite(path: Path, model_folders: dict[str, Path], manifest: Path, extra: str = "", **decode: Any) -> Path:
    """A measured suite of two arms over a manifest in English and German."""
    settings = {"max_new_tokens": 12, "batch": 4} | decode
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    path.write_text(
        f"""
name = "mine"
languages = ["en", "de"]
arms = [
  {{ name = "control", model = "{model_folders["control"]}" }},
  {{ name = "converted", model = "{model_folders["converted"]}", control = "control" }},
]
{extra}
[corpus]
kind = "manifest"
path = "{manifest}"
[decode]
"""
        + "\n".join(lines),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def suite_file(tmp_path: Path, model_folders: dict[str, Path]) -> Path:
    return write_suite(tmp_path / "mine.toml", model_folders, write_clips(tmp_path / "clips"))


def command(*arguments: object) -> None:
    """The command in this process, which saves the seconds that a new one takes to import everything."""
    app([str(argument) for argument in arguments], standalone_mode=False)


def refusal(*arguments: object) -> str:
    """The one line that the command ends with, in this process: what `main` prints before it exits with 2."""
    with pytest.raises(BenchError) as caught:
        command(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `bench …` in an empty folder as `main` does, in this process: seconds less than a process each.

    Whatever is not a user's error raises here and fails the test.
    """

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        out, err, words = io.StringIO(), io.StringIO(), ["bench", *map(str, arguments)]
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", words)
            for name, value in environment.items():
                patch.setenv(name, value)
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def typed(tmp_path: Path) -> Command:
    """Runs `python -m bench …` in an empty folder, as a user would, in a process of its own."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bench", *map(str, arguments)]
        paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        env = os.environ | {"PYTHONPATH": paths} | environment
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    return run
