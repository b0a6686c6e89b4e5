"""OpenAI's own weights on real speech: an English-only Whisper and a multilingual one."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from bench.store import Store
from tests.conftest import Command

CLIPS = 6
DECODE = "[decode]\nmax_new_tokens = 100\nbatch = 6\n"


def write_suite(folder: Path, data_folder: Path, prefix: str, language: str, arms: str) -> Path:
    """The first clips of one source of the real speech."""
    with (data_folder / "speech" / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith(prefix)]
    rows = [row for row in rows if row["lang"] == language][:CLIPS]
    lines = ["\t".join([str(data_folder / "speech" / row["path"]), row["text"], row["speaker"]]) for row in rows]
    (folder / "clips.tsv").write_text("\n".join(["path\ttext\tspeaker", *lines]) + "\n", encoding="utf-8")
    corpus = '[corpus]\nkind = "manifest"\npath = "clips.tsv"\n'
    text = f'name = "real"\nlanguages = ["{language}"]\narms = [{arms}]\n{corpus}{DECODE}'
    (folder / "real.toml").write_text(text, encoding="utf-8")
    return folder / "real.toml"


def test_english_only(bench: Command, real_models: Path, data_folder: Path, tmp_path: Path) -> None:
    """Its prompt has neither language nor task; a lossless conversion of it says the same."""
    arms = f'{{ name = "tiny", model = "{real_models}/whisper-tiny.en" }}'
    arms += ', { name = "exact", model = "exact:tiny", control = "tiny" }'
    arms += f', {{ name = "half", model = "{real_models}/whisper-tiny.en", dtype = "bfloat16", control = "tiny" }}'
    suite = write_suite(tmp_path, data_folder, "librispeech_other/", "en", arms)
    assert bench("run", suite).returncode == 0
    store = Store(tmp_path / "results" / "real")
    manifest = store.read_manifest()
    tiny, exact, half = (store.read_decodes(arm.parts["en/clean"]) for arm in manifest.arms.values())
    assert list(tiny["hypothesis"]) == list(exact["hypothesis"])
    assert (tiny["finish"] == "eos").all()
    assert len(half) == CLIPS
    assert {arm.settings.prompt_tokens for arm in manifest.arms.values()} == {2}
    assert {arm.settings.dtype for arm in manifest.arms.values()} == {"float32", "bfloat16"}
    rates = pd.read_parquet(store.table_path("comparisons")).query("arm == 'tiny' and metric == 'wer'")["rate"]
    assert 0 < rates.item() < 30
    suite.write_text(suite.read_text(encoding="utf-8").replace('["en"]', '["de"]'), encoding="utf-8")
    refused = bench("run", suite)
    assert refused.returncode == 2
    assert "arm tiny is English-only and cannot be asked for de; take them out" in refused.stderr


def test_multilingual(bench: Command, real_models: Path, data_folder: Path, tmp_path: Path) -> None:
    """It hears German and writes it, without any generation config of its own too."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in (real_models / "whisper-base").iterdir():
        if path.name != "generation_config.json":
            (bare / path.name).symlink_to(path)
    settings = json.loads((real_models / "whisper-base" / "generation_config.json").read_text(encoding="utf-8"))
    arms = f'{{ name = "base", model = "{real_models}/whisper-base" }}'
    arms += f', {{ name = "bare", model = "{bare}", control = "base" }}'
    suite = write_suite(tmp_path, data_folder, "fleurs/", "de", arms)
    assert bench("run", suite).returncode == 0
    store = Store(tmp_path / "results" / "real")
    recorded = {name: arm.settings.generation for name, arm in store.read_manifest().arms.items()}
    assert recorded["base"]["suppress_tokens"] == settings["suppress_tokens"]
    assert "suppress_tokens" not in recorded["bare"]
    rates = pd.read_parquet(store.table_path("comparisons")).query("metric == 'wer'").set_index("arm")["rate"]
    assert rates.between(5, 60).all()


@pytest.mark.parametrize(("attention", "batch"), [("sdpa", 1), ("eager", 2)])
def test_drafts_change_no_transcript(
    bench: Command, real_models: Path, data_folder: Path, tmp_path: Path, attention: str, batch: int
) -> None:
    """A control, and a conversion that is lost and runs away: as `generate` and the pipeline have them."""
    arms = f'{{ name = "base", model = "{real_models}/whisper-base" }}'
    arms += ', { name = "lost", model = "paper-62.5:base", control = "base" }'
    suite = write_suite(tmp_path, data_folder, "fleurs/", "de", arms)
    settings = f'[decode]\nmax_new_tokens = 60\nbatch = {batch}\nattention = "{attention}"\n'
    suite.write_text(suite.read_text(encoding="utf-8").replace(DECODE, settings), encoding="utf-8")
    assert bench("speed", suite, "--clips", str(batch)).returncode == 0
    record = json.loads((tmp_path / "results" / "real" / "speed_ways.json").read_text(encoding="utf-8"))
    everything = dict.fromkeys(("base", "lost"), batch)
    assert record["equal"] == {"generate": everything, "pipeline": everything}
    assert set(record["searched"].values()) == {1}
