"""Arms that faster-whisper decodes: the same greedy search in another runtime, and no setting that it replaces."""

import importlib
import json
import shutil
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer

from bench.comparing.environments import environment_note
from bench.errors import BenchError
from bench.runners import run_suite
from bench.runners.recognisers import ctranslate2_files
from bench.runners.recognisers.faster_whisper_arms import _budget
from bench.runners.recognisers.faster_whisper_loading import POSITIONS
from bench.store import Store
from bench.suite import load_suite
from tests.conftest import Command
from tests.manifests import SETTINGS

WINDOW = 480_000


@pytest.fixture(scope="session")
def ct2(
    tmp_path_factory: pytest.TempPathFactory, tokenizer: WhisperTokenizer, random_model: WhisperForConditionalGeneration
) -> Path:
    """A random Whisper with the published window, as CTranslate2 has it; by its small vocabulary, an English-only one.

    It says nothing but text, and never ends by itself.
    """
    converters = pytest.importorskip("ctranslate2.converters", reason="the extra faster-whisper is not installed")
    root = tmp_path_factory.mktemp("micro")
    shape = {"max_source_positions": 1500, "max_target_positions": POSITIONS}
    config = type(random_model.config).from_dict(random_model.config.to_dict() | shape)
    torch.manual_seed(3)
    model = WhisperForConditionalGeneration(config).eval()
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(12)
    model.generation_config = random_model.generation_config
    model.save_pretrained(root / "hf")
    tokenizer.save_pretrained(root / "hf")
    WhisperFeatureExtractor().save_pretrained(root / "hf")
    converter = converters.TransformersConverter(str(root / "hf"), copy_files=["tokenizer.json"])
    converter.convert(str(root / "ct2"))
    said = json.loads((root / "ct2" / "config.json").read_text())
    suppressed = [5, *range(tokenizer.eos_token_id, len(tokenizer))]
    (root / "ct2" / "config.json").write_text(json.dumps(said | {"suppress_ids": suppressed}))
    return root / "ct2"


def write_noises(folder: Path, seconds: tuple[float, ...]) -> None:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(7)
    rows = ["path\ttext"]
    for i, length in enumerate(seconds):
        samples = rng.normal(scale=0.05 * (1 + i), size=round(16_000 * length))
        soundfile.write(folder / f"{i}.wav", samples, 16_000, subtype="FLOAT")
        rows.append(f"{i}.wav\tone two three")
    (folder / "clips.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def decode(folder: Path, arms: str, more: str = "max_new_tokens = 12", languages: str = '["en"]') -> dict[str, Any]:
    """The decodes of each arm, by utterance."""
    (folder / "s.toml").write_text(
        f"""
name = "mine"
languages = {languages}
arms = [{arms}]
corpus = {{ kind = "manifest", path = "clips.tsv" }}
[decode]
{more}
""",
        encoding="utf-8",
    )
    store = Store(folder / "r")
    run_suite(load_suite(str(folder / "s.toml")), store, (), Console(quiet=True))
    parts = {arm: record.parts.values() for arm, record in store.read_manifest().arms.items()}
    return {
        arm: store.read_decodes(key for keys in cells for key in keys).set_index("utterance_id")
        for arm, cells in parts.items()
    }


def arm(model: Path, more: str = "", name: str = "ct2") -> str:
    return f'{{ name = "{name}", runner = "faster-whisper", model = "{model}"{more} }}'


def test_it_hears_the_clip_and_says_what_the_model_says(tmp_path: Path, ct2: Path, tokenizer: WhisperTokenizer) -> None:
    """Clips that fill the window, whose log-mel is transformers' own; CTranslate2 asked directly."""
    library: Any = importlib.import_module("ctranslate2")
    write_noises(tmp_path, (30.0, 30.0, 30.0))
    decoded = decode(tmp_path, arm(ct2), "max_new_tokens = 12\nnll = true")["ct2"]
    prompt = tokenizer.convert_tokens_to_ids(["<|startoftranscript|>", "<|notimestamps|>"])
    suppressed = json.loads((ct2 / "config.json").read_text())["suppress_ids"]
    model, extractor = library.models.Whisper(str(ct2), compute_type="float32"), WhisperFeatureExtractor()
    for i in range(3):
        samples, _ = soundfile.read(tmp_path / f"{i}.wav", dtype="float32")
        features = extractor(samples, sampling_rate=16_000, return_tensors="np").input_features
        heard = library.StorageView.from_array(features)
        (said,) = model.generate(heard, [prompt], beam_size=1, max_length=24, suppress_tokens=suppressed)
        assert decoded.loc[f"{i}.wav", "hypothesis"] == tokenizer.decode(said.sequences_ids[0]).strip()
    assert decoded["nll"].isna().all()
    assert list(decoded["tokens"]) == [12, 12, 12]


def test_the_budget_is_the_suites(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (30.0,))
    for most in (1, 5, 30):
        decoded = decode(tmp_path, arm(ct2), f"max_new_tokens = {most}")["ct2"]
        assert list(decoded["tokens"]) == [most]
        assert list(decoded["finish"]) == ["budget"]
    with pytest.raises(BenchError, match=r"decode\.max_new_tokens = 225: arm ct2 has room for at most 224"):
        decode(tmp_path, arm(ct2), "max_new_tokens = 225")


@given(st.integers(1, POSITIONS // 2), st.integers(1, 4))
def test_what_it_is_told_allows_that_many_tokens(most: int, prompt: int) -> None:
    """CTranslate2 gives a text half of the positions at most, and what the prompt leaves."""
    total = prompt + _budget(most, prompt)
    assert min(total // 2, total - prompt) == most
    assert total <= max(POSITIONS, most + prompt)


def test_settings_are_recorded_and_none_is_replaced(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (1.0,))
    int8 = arm(ct2, ', compute_type = "int8"', "int8")
    arms = f"{arm(ct2)}, {int8}"
    decode(tmp_path, arms)
    settings = {name: record.settings for name, record in Store(tmp_path / "r").read_manifest().arms.items()}
    assert settings["ct2"].compute_type == "float32"
    assert settings["int8"].compute_type == "int8"
    assert settings["int8"].generation["suppress_tokens"][0] == 5
    assert settings["int8"].ctranslate2
    assert settings["int8"].faster_whisper
    assert settings["int8"].torch is None
    assert environment_note(settings["int8"], settings["ct2"]) == ""
    note = environment_note(settings["int8"], SETTINGS.model_copy(update={"audio": settings["int8"].audio}))
    assert note.startswith("faster-whisper ")
    assert " against torch 2, transformers 5" in note
    for wrong in (', compute_type = "float16"', ', compute_type = "int8_float16"'):
        with pytest.raises(BenchError, match=r"compute_type = \"\w*float16\": this cpu computes in float32"):
            decode(tmp_path, arm(ct2, wrong))
    with pytest.raises(BenchError, match=r"CTranslate2 sees no CUDA GPU here"):
        decode(tmp_path, arm(ct2), 'device = "cuda"')


def test_what_it_does_not_speak_is_named(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (1.0,))
    rows = "path\ttext\tlang\tid\n0.wav\tone\ten\ta\n0.wav\teins\tde\tb\n"
    (tmp_path / "clips.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(BenchError, match="languages: arm ct2 is English-only and cannot be asked for de"):
        decode(tmp_path, arm(ct2), languages='["en", "de"]')


def test_long_clips_are_as_the_suite_says(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (31.0, 1.0))
    with pytest.raises(BenchError, match=r"longer than the model's window of 30 s: en clip 0\.wav \(31\.00 s\)"):
        decode(tmp_path, arm(ct2))
    cut = decode(tmp_path, arm(ct2), 'max_new_tokens = 12\nlong_clips = "truncate"')["ct2"].loc["0.wav"]
    assert (cut["audio_status"], cut["audio_seconds"]) == ("truncated", 30.0)


def test_a_changed_file_is_another_model(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (1.0,))
    shutil.copytree(ct2, tmp_path / "ct2")
    decode(tmp_path, arm(tmp_path / "ct2"))
    first = Store(tmp_path / "r").read_manifest().arms["ct2"].fingerprint
    config = json.loads((tmp_path / "ct2" / "config.json").read_text())
    (tmp_path / "ct2" / "config.json").write_text(json.dumps(config | {"suppress_ids": [5, 6]}))
    decode(tmp_path, arm(tmp_path / "ct2"))
    assert Store(tmp_path / "r").read_manifest().arms["ct2"].fingerprint != first


@pytest.mark.parametrize("name", ["config.json", "model.bin", "tokenizer.json"])
def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path, ct2: Path, name: str) -> None:
    """Without a tokenizer faster-whisper would take another model's from the hub."""
    write_noises(tmp_path, (1.0,))
    shutil.copytree(ct2, tmp_path / "ct2")
    (tmp_path / "ct2" / name).unlink()
    with pytest.raises(BenchError, match=f"ct2 holds no {name}, so it is no whole CTranslate2 folder"):
        decode(tmp_path, arm(tmp_path / "ct2"))


def test_a_damaged_model_is_one_line(tmp_path: Path, ct2: Path) -> None:
    write_noises(tmp_path, (1.0,))
    shutil.copytree(ct2, tmp_path / "ct2")
    content = (tmp_path / "ct2" / "model.bin").read_bytes()
    (tmp_path / "ct2" / "model.bin").write_bytes(content[: len(content) // 2])
    with pytest.raises(BenchError, match="faster-whisper says: ") as caught:
        decode(tmp_path, arm(tmp_path / "ct2"))
    assert "\n" not in str(caught.value)


def test_a_missing_extra_is_named(tmp_path: Path, bench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(ctranslate2_files, "version", version)
    write_noises(tmp_path, (1.0,))
    with pytest.raises(BenchError, match="pip install 'whisper-mla-bench\\[faster-whisper\\]'"):
        decode(tmp_path, arm(tmp_path))
    refused = bench("doctor", tmp_path / "s.toml")
    assert refused.returncode == 1
    assert 'FAIL  models    arm ct2: runner = "faster-whisper" needs faster-whisper' in refused.stdout


def test_a_real_model_gives_what_its_runtime_gives(tmp_path: Path, data_folder: Path, real_models: Path) -> None:
    """English-only, on real speech: the library as people call it, and transformers where both hear one spectrogram."""
    library: Any = pytest.importorskip("faster_whisper", reason="the extra faster-whisper is not installed")
    folder = real_models / "whisper-tiny.en-ct2"
    if not folder.is_dir():
        pytest.skip(f"{real_models} has no whisper-tiny.en-ct2")
    speech = sorted((data_folder / "speech" / "librispeech_other").glob("*.flac"))[:3]
    rows = ["path\ttext\tid"]
    for i, path in enumerate(speech):
        samples, _ = soundfile.read(path, dtype="float32")
        soundfile.write(tmp_path / f"{i}.wav", samples, 16_000, subtype="FLOAT")
        soundfile.write(
            tmp_path / f"{i}-full.wav", np.pad(samples, (0, WINDOW - len(samples))), 16_000, subtype="FLOAT"
        )
        rows += [f"{name}.wav\tone\t{name}" for name in (f"{i}", f"{i}-full")]
    (tmp_path / "clips.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    both = f'{{ name = "hf", model = "{real_models / "whisper-tiny.en"}" }}, {arm(folder)}'
    decoded = {name: rows["hypothesis"] for name, rows in decode(tmp_path, both, "max_new_tokens = 60").items()}
    model = library.WhisperModel(str(folder), device="cpu", compute_type="float32")
    suppressed = json.loads((folder / "config.json").read_text())["suppress_ids"]
    for i, path in enumerate(speech):
        segments, _ = model.transcribe(
            str(path), beam_size=1, temperature=0.0, without_timestamps=True, suppress_tokens=suppressed
        )
        assert decoded["ct2"][f"{i}"] == "".join(segment.text for segment in segments).strip()
        assert decoded["ct2"][f"{i}-full"] == decoded["hf"][f"{i}-full"] == decoded["hf"][f"{i}"]
    (tmp_path / "clips.tsv").write_text("path\ttext\tlang\n0.wav\tone\ten\n1.wav\teins\tde\n", encoding="utf-8")
    with pytest.raises(BenchError, match="languages: arm ct2 is English-only and cannot be asked for de"):
        decode(tmp_path, arm(folder), languages='["en", "de"]')
