"""An exported folder loads without this package, by its own code, and computes what the arm does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from bench.arms import find_arm, load_arm
from bench.conversion import export
from bench.errors import BenchError
from bench.mla.convert import convert, convert_exactly
from bench.mla.shapes import LatentShape, Module
from bench.suite import ArmSpec, DecodeSpec
from tests.two_runtimes.models import logits

DECODE = DecodeSpec(max_new_tokens=12)
LOAD = """
import sys
sys.modules["bench"] = None  # importing it would fail
import torch
from transformers import AutoModelForSpeechSeq2Seq
folder, out = sys.argv[1:]
model = AutoModelForSpeechSeq2Seq.from_pretrained(folder, trust_remote_code=True, torch_dtype=torch.float32).eval()
assert type(model).__module__.startswith("transformers_modules."), type(model)
torch.manual_seed(0)
inputs = {"input_features": torch.randn(2, 80, 300), "decoder_input_ids": torch.randint(4, 500, (2, 9))}
with torch.no_grad():
    logits = model(**inputs).logits
    ids = model.generate(inputs["input_features"], language="cy", task="transcribe", max_new_tokens=12)
torch.save({"logits": logits, "ids": ids, "mla": model.config.mla}, out)
"""


def load_elsewhere(folder: Path, tmp_path: Path) -> dict[str, torch.Tensor]:
    """In a fresh process, in another folder, with an empty cache of remote code."""
    out = tmp_path / "out.pt"
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_MODULES_CACHE": str(tmp_path / "modules")}
    env.pop("PYTHONPATH", None)
    command = [sys.executable, "-c", LOAD, str(folder), str(out)]
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    loaded: dict[str, torch.Tensor] = torch.load(out, weights_only=True)
    return loaded


def converted_folder(kind: str, tmp_path: Path) -> Path:
    """One of the demo's, or the control converted in both attentions: exactly, or each layer otherwise."""
    if kind not in ("exact", "by layers"):
        return find_arm(ArmSpec(name="arm", model=f"demo:{kind}")).folder
    source = find_arm(ArmSpec(name="arm", model="demo:96-control"))
    folder = tmp_path / "converted"
    shutil.copytree(source.folder, folder)
    control = load_arm(source, DECODE, ["cy"]).model
    shapes: dict[Module, LatentShape] = {"self": LatentShape(0, (30, None)), "cross": LatentShape(0, 24, shared=True)}
    converted = convert_exactly(control) if kind == "exact" else convert(control, shapes, "svd")
    converted.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["96-paper-62.5", "96-svd-93.75", "exact", "by layers"])
def test_an_exported_model_needs_nothing_but_transformers(kind: str, tmp_path: Path) -> None:
    source = find_arm(ArmSpec(name="arm", model=str(converted_folder(kind, tmp_path))))
    target = tmp_path / "exported"
    export(source, target)
    loaded = load_elsewhere(target, tmp_path)
    arm = load_arm(source, DECODE, ["cy"])
    torch.manual_seed(0)
    inputs = {"input_features": torch.randn(2, 80, 300), "decoder_input_ids": torch.randint(4, 500, (2, 9))}
    assert (loaded["logits"] - logits(arm.model, inputs)).abs().max() < 1e-5
    assert loaded["mla"] == arm.model.config.mla
    ids = arm.model.generate(inputs["input_features"], language="cy", task="transcribe", max_new_tokens=12)
    assert torch.equal(loaded["ids"], ids)


def test_an_exported_model_is_an_arm_once_its_code_is_trusted(tmp_path: Path) -> None:
    export(find_arm(ArmSpec(name="arm", model="demo:96-paper-62.5")), tmp_path / "exported")
    spec = ArmSpec(name="arm", model=str(tmp_path / "exported"))
    with pytest.raises(BenchError, match="runs code of its own; set trust_remote_code"):
        load_arm(find_arm(spec), DECODE, ["cy"])
    trusted = spec.model_copy(update={"trust_remote_code": True})
    arm = load_arm(find_arm(trusted), DECODE, ["cy"])
    assert type(arm.model).__name__ == "WhisperMLAForConditionalGeneration"
    assert type(arm.model).__module__.startswith("transformers_modules.")
    int8 = trusted.model_copy(update={"kv": "int8"})
    assert load_arm(find_arm(int8), DECODE, ["cy"]).new_cache() is not None


def test_widths_come_from_the_tensors_not_from_the_config(tmp_path: Path) -> None:
    """A config that claims a smaller cache is overruled, when the model is loaded and when it is exported."""
    source = find_arm(ArmSpec(name="arm", model="demo:96-paper-62.5"))
    folder = tmp_path / "claims"
    shutil.copytree(source.folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["mla"] = {"self": {"kept": 0, "rank": 6}, "cross": {"kept": 0, "rank": None}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    claiming = find_arm(ArmSpec(name="arm", model=str(folder)))
    assert load_arm(claiming, DECODE, ["cy"]).model.config.mla == {"self": {"kept": 48, "rank": 24}}
    export(claiming, tmp_path / "exported")
    assert load_elsewhere(tmp_path / "exported", tmp_path)["mla"] == {"self": {"kept": 48, "rank": 24}}


def test_what_cannot_be_exported_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no latent attention"):
        export(find_arm(ArmSpec(name="arm", model="demo:96-control")), tmp_path / "out")
    source = find_arm(ArmSpec(name="arm", model="demo:96-svd-93.75"))
    export(source, tmp_path / "out")
    with pytest.raises(BenchError, match="not empty"):
        export(source, tmp_path / "out")
    with pytest.raises(BenchError, match="its own code already"):
        export(find_arm(ArmSpec(name="arm", model=str(tmp_path / "out"))), tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_code_that_names_no_class_is_refused(tmp_path: Path) -> None:
    """AutoModelForSpeechSeq2Seq would quietly load a stock Whisper."""
    folder = tmp_path / "odd"
    shutil.copytree(find_arm(ArmSpec(name="arm", model="demo:96-control")).folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModel": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(BenchError, match="names no AutoModelForSpeechSeq2Seq"):
        load_arm(find_arm(ArmSpec(name="arm", model=str(folder), trust_remote_code=True)), DECODE, ["cy"])


@pytest.mark.parametrize("revision", [None, "main", "v1.0", "0123abc"])
def test_code_from_the_hub_needs_a_pinned_commit(revision: str | None) -> None:
    spec = ArmSpec(name="arm", model="someone/whisper-mla", trust_remote_code=True, revision=revision)
    with pytest.raises(BenchError, match="set revision to the commit that you have read"):
        find_arm(spec)


@pytest.mark.parametrize("entry", ["someone/else--code.Model", ["code.Model", "someone/else--code.Model"]])
def test_code_of_another_repository_is_refused(entry: object, tmp_path: Path) -> None:
    """No revision pins it: transformers would fetch whatever it is today."""
    folder = tmp_path / "odd"
    shutil.copytree(find_arm(ArmSpec(name="arm", model="demo:96-control")).folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": "code.Model", "AutoConfig": entry}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(BenchError, match="runs code of another repository"):
        load_arm(find_arm(ArmSpec(name="arm", model=str(folder), trust_remote_code=True)), DECODE, ["cy"])


@pytest.mark.parametrize("code", ["import nowhere_to_be_found", "def broken(:", "raise IndexError('x')"])
def test_code_that_does_not_run_is_one_line(code: str, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    shutil.copytree(find_arm(ArmSpec(name="arm", model="demo:96-control")).folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "code.py").write_text(code, encoding="utf-8")
    with pytest.raises(BenchError, match="does not load"):
        load_arm(find_arm(ArmSpec(name="arm", model=str(folder), trust_remote_code=True)), DECODE, ["cy"])


def test_code_that_ignores_the_int8_cache_is_refused(tmp_path: Path) -> None:
    """It would be measured as if it were quantised."""
    folder = tmp_path / "odd"
    shutil.copytree(find_arm(ArmSpec(name="arm", model="demo:96-control")).folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["auto_map"] = {"AutoModelForSpeechSeq2Seq": "code.Model"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "code.py").write_text(
        "from transformers import WhisperForConditionalGeneration\n"
        "class Model(WhisperForConditionalGeneration):\n"
        "    def forward(self, *args, past_key_values=None, **kwargs):\n"
        "        return super().forward(*args, **kwargs)\n",
        encoding="utf-8",
    )
    spec = ArmSpec(name="arm", model=str(folder), trust_remote_code=True)
    assert load_arm(find_arm(spec), DECODE, ["cy"]).new_cache() is None
    with pytest.raises(BenchError, match="does not use the cache it is given"):
        load_arm(find_arm(spec.model_copy(update={"kv": "int8"})), DECODE, ["cy"])
