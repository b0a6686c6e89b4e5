"""Recovery: identical for all arms, the encoder stays as it is, and a training that was killed ends the same."""

import copy
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from transformers import WhisperForConditionalGeneration

from bench.arms import hash_weights
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.mla.convert import convert
from bench.mla.shapes import LatentShape
from bench.recovery import Batch, FineTuning, train, warmup_cosine
from bench.recovery.checkpoint import Checkpoint
from bench.recovery.clips import load_training_clips
from bench.recovery.states import KeptStates, remove_states
from bench.recovery.training import distance
from bench.suite import Suite
from tests.common_voice import Planted, write_locale
from tests.conftest import Command, refusal, write_clips

SETTINGS = FineTuning(steps=6, learning_rate=1e-3, warmup_steps=1)


@cache
def batch_of(step: int) -> Batch:
    generator = torch.Generator().manual_seed(step)
    labels = torch.randint(4, 300, (2, 5), generator=generator)
    labels[1, 3:] = -100
    features = torch.randn(2, 80, 300, generator=generator)
    return Batch(lambda: features, labels, (step % 3, 3 + step % 2))


@pytest.fixture
def pair(random_model: WhisperForConditionalGeneration) -> dict[str, Any]:
    converted = convert(random_model, {"self": LatentShape(kept=0, rank=6)}, "svd")
    return {"control": copy.deepcopy(random_model), "converted": converted}


def with_dropout(model: Any) -> Any:
    """A copy that drops out everywhere a Whisper can, though a frozen encoder must not."""
    model = copy.deepcopy(model)
    for side in (model.model.encoder, model.model.decoder):
        side.dropout = 0.3
        for layer in side.layers:
            layer.dropout = 0.3
    return model


def hashes(models: Mapping[str, Any]) -> dict[str, str]:
    return {name: hash_weights(model) for name, model in models.items()}


def test_every_arm_learns_and_no_encoder_does(pair: dict[str, Any]) -> None:
    before, encoder = hashes(pair), hash_weights(pair["control"].get_encoder())
    losses = train(pair, batch_of, SETTINGS, seed=0)
    assert {name: len(values) for name, values in losses.items()} == {"control": 6, "converted": 6}
    assert all(math.isfinite(loss) for values in losses.values() for loss in values)
    assert {hash_weights(model.get_encoder()) for model in pair.values()} == {encoder}
    assert all(after != before[name] for name, after in hashes(pair).items())


def test_equal_arms_end_equal_and_training_is_repeatable(random_model: WhisperForConditionalGeneration) -> None:
    """Dropout is drawn alike for every arm."""
    models = {name: with_dropout(random_model) for name in ("one", "other", "again")}
    together = train({name: models[name] for name in ("one", "other")}, batch_of, SETTINGS, seed=3)
    assert together["one"] == together["other"]
    assert train({"again": models["again"]}, batch_of, SETTINGS, seed=3)["again"] == together["one"]
    assert len(set(hashes(models).values())) == 1


def test_losses_are_those_of_transformers_own_step(random_model: WhisperForConditionalGeneration) -> None:
    """Written out: the whole model at once, without a shared encoder pass."""
    ours, theirs = copy.deepcopy(random_model), copy.deepcopy(random_model)
    losses = train({"arm": ours}, batch_of, SETTINGS, seed=0)["arm"]
    theirs.get_encoder().requires_grad_(False)
    learning = [parameter for parameter in theirs.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-3, weight_decay=0.01)
    expected = []
    for step in range(6):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * warmup_cosine(step, 6, 1)
        loss = theirs(input_features=batch_of(step).read(), labels=batch_of(step).labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        expected.append(loss.item())
    assert losses == pytest.approx(expected, rel=1e-4)


def test_distillation_is_from_the_teacher_to_both(pair: dict[str, Any], random_model: Any) -> None:
    settings = FineTuning(steps=6, learning_rate=1e-3, warmup_steps=1, loss="distill")
    losses = train(pair, batch_of, settings, seed=0, teacher=random_model)
    assert losses["control"][0] == pytest.approx(0, abs=1e-6)
    assert losses["converted"][0] > 1e-4
    logits, target = torch.randn(2, 3, 7), torch.randn(2, 3, 7)
    labels = torch.tensor([[1, 2, 3], [4, -100, -100]])
    learnt = [(0, 0), (0, 1), (0, 2), (1, 0)]
    p, q = (states.softmax(-1) for states in (target, logits))
    expected = np.mean([float((p[i] * (p[i] / q[i]).log()).sum()) for i in learnt])
    assert float(distance(logits, target, labels)) == pytest.approx(expected, rel=1e-5)


def test_arms_with_other_encoders_are_refused(pair: dict[str, Any]) -> None:
    with torch.no_grad():
        pair["converted"].get_encoder().conv1.bias.add_(1e-6)
    with pytest.raises(BenchError, match="control and converted have different encoders"):
        train(pair, batch_of, SETTINGS, seed=0)


def test_a_loss_that_is_no_number_ends_it_and_keeps_the_last_checkpoint(pair: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c.pt", "key", every=2)

    def broken(step: int) -> Batch:
        batch = batch_of(step)
        return Batch(lambda: batch.read() * math.nan, batch.labels) if step == 5 else batch

    with pytest.raises(BenchError, match="arm control: the loss or its gradient is nan at step 5; the last good"):
        train(pair, broken, SETTINGS, 0, checkpoint)
    kept = torch.load(tmp_path / "c.pt", weights_only=True)
    assert kept["step"] == 4
    assert all(torch.isfinite(tensor).all() for arm in kept["arms"].values() for tensor in arm["model"].values())


@pytest.mark.parametrize("stopped_after", range(6))
def test_a_stopped_training_ends_where_the_whole_one_does(
    pair: dict[str, Any], tmp_path: Path, stopped_after: int
) -> None:
    pair = {name: with_dropout(model) for name, model in pair.items()}
    whole = copy.deepcopy(pair)
    expected = train(whole, batch_of, SETTINGS, seed=0)

    class Stopped(Exception):  # noqa: N818 -- no error
        pass

    def stop(step: int, losses: Mapping[str, float]) -> None:
        if step == stopped_after:
            raise Stopped

    checkpoint = Checkpoint(tmp_path / "c.pt", "key", every=2)
    with pytest.raises(Stopped):
        train(copy.deepcopy(pair), batch_of, SETTINGS, 0, checkpoint, on_step=stop)
    resumed = copy.deepcopy(pair)
    assert train(resumed, batch_of, SETTINGS, 0, checkpoint) == expected
    assert hashes(resumed) == hashes(whole)
    with pytest.raises(BenchError, match="a checkpoint of other clips, models or settings"):
        train(resumed, batch_of, SETTINGS, 0, Checkpoint(tmp_path / "c.pt", "other", every=2))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_mixed_precision_learns(pair: dict[str, Any], dtype: str) -> None:
    settings = FineTuning(steps=6, learning_rate=1e-3, warmup_steps=1, dtype=dtype)
    losses = train(pair, batch_of, settings, seed=0)
    exact = train({"control": copy.deepcopy(pair["control"])}, batch_of, SETTINGS, seed=0)
    assert all(math.isfinite(loss) for values in losses.values() for loss in values)
    assert {parameter.dtype for model in pair.values() for parameter in model.parameters()} == {torch.float32}
    assert exact["control"][0] != losses["control"][0]


def test_a_training_that_runs_away_is_stopped(pair: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c.pt", "key", every=1)
    with pytest.raises(BenchError, match="the last good checkpoint is kept to look at"):
        train(pair, batch_of, FineTuning(steps=2, learning_rate=1e30, warmup_steps=0), 0, checkpoint)


def test_schedule() -> None:
    factors = [warmup_cosine(step, 100, 10) for step in range(101)]
    assert factors[0] == 0.1
    assert max(factors) == factors[9] == 1.0
    assert factors[100] == 0.0


def write_recovery(folder: Path, models: dict[str, Path], arms: str = "", **recovery: Any) -> Path:
    """A suite whose control and converted arm are to be trained on 20 clips and tested on 20 others."""
    tested = write_clips(folder / "tested", clips=10)
    write_clips(folder / "trained", clips=10)
    for wave in (folder / "trained").glob("*.wav"):  # other audio than the tested clips'
        audio, rate = soundfile.read(wave)
        soundfile.write(wave, audio[::-1], rate)
    settings = {"steps": 12, "batch": 4, "learning_rate": 1e-3, "checkpoint_steps": 2} | recovery
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    suite = folder / "s.toml"
    suite.write_text(
        f"""
name = "mine"
languages = ["en", "de"]
arms = [
  {{ name = "base", model = "{models["control"]}" }},
  {{ name = "zero-shot", model = "{models["converted"]}" }},
  {{ name = "control", model = "out/control", start = "base" }},
  {{ name = "converted", model = "out/converted", control = "control", start = "zero-shot" }},
  {arms}
]
[corpus]
kind = "manifest"
path = "{tested}"
[decode]
max_new_tokens = 12
[recovery]
path = "trained/clips.tsv"
"""
        + "\n".join(lines),
        encoding="utf-8",
    )
    return suite


def test_convert_recover_run_table(bench: Command, tmp_path: Path, model_folders: dict[str, Path]) -> None:
    suite = write_recovery(tmp_path, model_folders)
    clips = tmp_path / "trained" / "clips.tsv"
    mla = tmp_path / "mla"
    made = bench("convert", model_folders["control"], mla, "--cache-cut", 0.875, "--calibration", clips)
    assert made.returncode == 0, made.stderr
    suite.write_text(
        suite.read_text(encoding="utf-8").replace(str(model_folders["converted"]), str(mla)), encoding="utf-8"
    )
    early = bench("run", suite)
    assert (early.returncode, early.stderr.count("\n")) == (2, 1)
    assert "run `bench recover` on this suite first" in early.stderr
    trained = bench("recover", suite)
    assert trained.returncode == 0, trained.stderr
    assert "trained control: loss" in trained.stdout
    assert "trained converted: loss" in trained.stdout
    records = [json.loads((tmp_path / "out" / name / "recovery.json").read_text()) for name in ("control", "converted")]
    assert records[0]["encoder"]["before"] == records[0]["encoder"]["after"] == records[1]["encoder"]["after"]
    assert records[0]["clips"] == records[1]["clips"]
    assert records[0]["clips"]["count"] == 20
    assert (tmp_path / "out" / "converted" / "loss.png").stat().st_size > 5000
    assert len(pd.read_csv(tmp_path / "out" / "control" / "losses.csv")) == 12
    again = bench("recover", suite)
    assert "found control: loss" in again.stdout
    assert "found converted: loss" in again.stdout
    assert bench("run", suite).returncode == 0
    table = bench("table", suite)
    assert table.returncode == 0, table.stderr
    assert "## converted against control" in table.stdout
    assert "zero-shot" in table.stdout
    assert "What training itself changed: control, from base" in table.stdout
    check_training(tmp_path / "results" / "mine")
    assert bench("verify", suite).returncode == 0


def check_training(results: Path) -> None:
    """Differences are those of the rates, and the rates those of the arms' own rows."""
    training, comparisons = (pd.read_parquet(results / f"{name}.parquet") for name in ("training", "comparisons"))
    rates = comparisons.set_index(["arm", "language", "metric"])["rate"]
    pairs = {
        ("control", "training"): ("control", "base"),
        ("converted", "training"): ("converted", "zero-shot"),
        ("converted", "zero-shot"): ("zero-shot", "base"),
    }
    assert len(training) == 2 * len(pairs)
    for row in training.to_dict("records"):
        one, other = pairs[row["arm"], row["kind"]]
        expected = [rates[arm, row["language"], row["metric"]] for arm in (one, other)]
        assert [row["rate"], row["against_rate"]] == pytest.approx(expected)
        assert row["delta"] == pytest.approx(expected[0] - expected[1])
        assert row["low"] <= row["delta"] <= row["high"]


def start_recovery(suite: Path, threads: str = "1") -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": threads}
    command = [sys.executable, "-m", "bench", "recover", str(suite)]
    return subprocess.Popen(command, cwd=suite.parent, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_killed_at_random_moments_it_ends_the_same(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    """By SIGKILL, which nothing can prepare for."""
    rng = np.random.default_rng(0)
    folders = [tmp_path / name for name in ("whole", "killed")]
    suites = [write_recovery(folder, model_folders, steps=60) for folder in folders]
    assert start_recovery(suites[0]).wait() == 0
    checkpoint, kills = folders[1] / "out" / "control.recovery.pt", 0
    while kills < 5:
        running = start_recovery(suites[1])
        written = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        while running.poll() is None and (not checkpoint.exists() or checkpoint.stat().st_mtime_ns == written):
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.1))
        if running.poll() is not None:
            pytest.fail("it ended before it could be killed five times")
        running.send_signal(signal.SIGKILL)
        running.wait()
        kills += 1
    assert start_recovery(suites[1]).wait() == 0
    for arm in ("control", "converted"):
        for name in ("model.safetensors", "losses.csv", "recovery.json"):
            assert (folders[0] / "out" / arm / name).read_bytes() == (folders[1] / "out" / arm / name).read_bytes()
    assert not list(folders[1].glob("out/*.pt"))


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ('control", model = "out/control", start = "base"', 'control", model = "x"', "control control has none"),
        ("[recovery]\n", "[recovery]\nepochs = 3\n", "recovery.epochs: unknown key"),
        ('start = "base"', 'start = "nobody"', "control names start 'nobody'; it must be another arm"),
        ("trained/clips.tsv", "tested/clips.tsv", "is in the test split, and 19 more"),
        ("out/converted", "out/control", "arms control and converted have one model folder"),
        ("out/control", "demo:96-control", "is part of the package; name a folder"),
        ('start = "zero-shot"', 'start = "zero-shot", seed = 1', "converted#1 and its control control have different"),
        (
            'model = "out/converted"',
            'model = "exact:control"',
            "is a conversion as it stands, so it cannot have a start",
        ),
        ('name = "mine"', 'name = "mine"\nseed = -1', "seed: -1: Input should be greater than or equal to 0"),
        ('languages = ["en", "de"]', 'languages = ["en", "fr"]', "language 'fr' has no utterances"),
        ("trained/clips.tsv", "${NOT_SET}/clips.tsv", "${NOT_SET} is not set; export it"),
        ("out/control", "${NOT_SET}/control", "arm control: ${NOT_SET} is not set; export it"),
        ("learning_rate = 0.001", "learning_rate = 1e30", "the last good checkpoint is kept to look at"),
    ],
)
def test_what_cannot_be_recovered_is_one_line(
    tmp_path: Path, model_folders: dict[str, Path], wrong: str, right: str, message: str
) -> None:
    suite = write_recovery(tmp_path, model_folders)
    text = suite.read_text(encoding="utf-8")
    assert wrong in text
    suite.write_text(text.replace(wrong, right), encoding="utf-8")
    assert message in refusal("recover", suite)


def test_training_audio_that_is_missing_or_damaged(
    bench: Command, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    suite = write_recovery(tmp_path, model_folders)
    (tmp_path / "trained" / "en3.wav").write_bytes(b"no audio")
    damaged = bench("recover", suite)
    assert (damaged.returncode, damaged.stdout) == (2, "")
    assert "training clip en3.wav cannot be read" in damaged.stderr
    soundfile.write(tmp_path / "trained" / "de9.wav", np.zeros(4 * 16_000), 16_000)
    assert refusal("recover", suite).endswith(
        "longer than the model's window of 3 s: de clip de9.wav (4.00 s), 1 of 20 clips; "
        "take them out of the training list"
    )
    (tmp_path / "trained" / "en3.wav").unlink()
    missing = bench("recover", suite)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "line 5: no audio file" in missing.stderr


def test_another_conversion_later_leaves_the_control_as_it_is(
    bench: Command, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    """Arms do not influence one another: the one that was added ends as if it had been there from the start."""
    suite = write_recovery(tmp_path, model_folders, steps=3)
    assert bench("recover", suite).returncode == 0
    before = (tmp_path / "out" / "control" / "model.safetensors").read_bytes()
    text = suite.read_text(encoding="utf-8")
    added = '{ name = "more", model = "out/more", control = "control", start = "zero-shot" },\n]\n[corpus]'
    suite.write_text(text.replace("]\n[corpus]", added), encoding="utf-8")
    later = bench("recover", suite)
    assert later.returncode == 0, later.stderr
    assert later.stdout.count("found") == 2
    more, converted = (tmp_path / "out" / name / "model.safetensors" for name in ("more", "converted"))
    assert more.read_bytes() == converted.read_bytes()
    assert (tmp_path / "out" / "control" / "model.safetensors").read_bytes() == before
    suite.write_text(suite.read_text(encoding="utf-8").replace("steps = 3", "steps = 4"), encoding="utf-8")
    assert "was trained with other settings; remove it" in bench("recover", suite).stderr


def test_folders_that_hold_something_else_are_left_alone(
    bench: Command, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    suite = write_recovery(tmp_path, model_folders, steps=2)
    (tmp_path / "out" / "control").mkdir(parents=True)
    taken = bench("recover", suite)
    assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
    assert "exists and was not made by `bench recover`" in taken.stderr


def test_another_part_of_a_tested_recording_may_be_trained_on(tmp_path: Path) -> None:
    write_clips(tmp_path, ["en"], 1)
    head = "path\ttext\toffset\tduration\n"
    (tmp_path / "test.tsv").write_text(f"{head}en0.wav\ta\t0\t0.200\n", encoding="utf-8")
    corpus = {"kind": "manifest", "path": tmp_path / "test.tsv"}
    arms = [{"name": "a", "model": "m"}]
    whole = {"name": "s", "languages": ["en"], "arms": arms, "corpus": corpus}
    suite = Suite.model_validate(whole | {"recovery": {"path": tmp_path / "train.tsv", "steps": 1}})
    assert suite.recovery is not None
    (tmp_path / "train.tsv").write_text(f"{head}en0.wav\tb\t0.2\t0.200\n", encoding="utf-8")
    assert [clip.id for clip in load_training_clips(suite, suite.recovery).utterances] == ["en0.wav@0.2"]
    for part in ("0.1\t0.200", "\t", "0\t0.300"):
        (tmp_path / "train.tsv").write_text(f"{head}en0.wav\tb\t{part}\n", encoding="utf-8")
        with pytest.raises(BenchError, match="is in the test split"):
            load_training_clips(suite, suite.recovery)


def test_speakers_set_aside_are_trained_on_in_the_split_that_is_tested(tmp_path: Path) -> None:
    root = tmp_path / "cv-corpus-17.0-2024-03-15"
    write_locale(root, "en", "17.0-2024-03-15", Planted(clips=12), speakers=12)
    suite: dict[str, Any] = {"name": "s", "languages": ["en"], "arms": [{"name": "a", "model": "m"}]}
    suite["corpus"] = {"kind": "common-voice", "path": root, "split": "validated"}
    suite["recovery"] = {"split": "validated", "steps": 1}
    for i, clip in enumerate(sorted((root / "en" / "clips").iterdir())):
        clip.write_bytes(clip.read_bytes() + bytes(i))  # the same audio is refused whoever spoke it
    (root / "en" / "validated.tsv").write_bytes((root / "en" / "test.tsv").read_bytes())
    without, aside = (
        Suite.model_validate(suite),
        Suite.model_validate(suite | {"corpus": suite["corpus"] | {"set_aside": 2}}),
    )
    assert without.recovery is not None
    with pytest.raises(BenchError, match="is what the suite tests on; take another, or set speakers aside"):
        load_training_clips(without, without.recovery)
    trained = {clip.speaker for clip in load_training_clips(aside, without.recovery).utterances}
    tested = {clip.speaker for clip in load_corpus(aside.corpus, ("en",), 1).utterances["en"]}
    assert trained
    assert tested
    assert trained.isdisjoint(tested)


def test_states_that_are_kept_are_encoded_once_and_change_nothing(pair: dict[str, Any], tmp_path: Path) -> None:
    """Of a batch one of whose clips is new the new one's are kept, and the old one's stay as they were."""
    features = {clip: torch.randn(1, 80, 300, generator=torch.Generator().manual_seed(clip)) for clip in range(5)}
    read: list[int] = []

    def batch(step: int) -> Batch:
        clips = (step % 3, 3 + step % 2)

        def features_of() -> torch.Tensor:
            read.append(step)
            return torch.cat([features[clip] for clip in clips])

        return Batch(features_of, batch_of(step).labels, clips)

    plain = train(copy.deepcopy(pair), batch, SETTINGS, 1)
    assert read == list(range(6))
    read.clear()
    for goes_on in (False, True):
        kept = KeptStates.open(tmp_path / "states", "key", (5, 150, 48))
        assert kept is not None
        models = copy.deepcopy(pair)
        losses = train(models, batch, SETTINGS, 1, kept=kept)
        for name, of_arm in plain.items():
            assert losses[name] == pytest.approx(of_arm, rel=1e-4), goes_on
    assert read == [0, 1, 2]  # every clip has been met by then
    other = KeptStates.open(tmp_path / "states", "another training", (5, 150, 48))
    assert other is not None
    assert not other.met.any()
    remove_states(other.folder)
    assert not (tmp_path / "states").exists()


def test_states_of_more_clips_than_fit_are_not_kept(tmp_path: Path) -> None:
    assert KeptStates.open(tmp_path / "states", "key", (10_000, 1_500, 512)) is None
    assert not (tmp_path / "states").exists()
