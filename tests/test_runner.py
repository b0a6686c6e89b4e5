"""Decoding: the transcripts are stock generate's, whatever the batch and however encoders are shared."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from rich.console import Console
from transformers import WhisperForConditionalGeneration, WhisperProcessor

from bench.arms import find_arm, load_arm
from bench.arms.fingerprints import hash_encoder
from bench.audio import read_audio
from bench.corpora import load_corpus
from bench.corpora.manifest import read_manifest
from bench.errors import BenchError
from bench.runners import RunSummary, run_suite
from bench.runners.blocks import Block
from bench.runners.clips import read_ahead
from bench.runners.conditions import CLEAN_ONLY
from bench.store import Store
from bench.suite import CLEAN_CONDITION, Suite, load_suite
from tests.conftest import write_clips, write_suite

QUIET = Console(quiet=True)


def decodes_of(store: Store) -> pd.DataFrame:
    arms = store.read_manifest().arms.items()
    return pd.concat(
        store.read_decodes(key for keys in arm.parts.values() for key in keys).assign(arm=name) for name, arm in arms
    )


def run(suite: Suite, folder: Path, *arms: str) -> tuple[Store, RunSummary]:
    store = Store(folder)
    return store, run_suite(suite, store, arms, QUIET)


def test_transcripts_are_stock_generates(suite_file: Path, tmp_path: Path) -> None:
    """Each clip alone through the processor and `generate`, audio in, text out."""
    suite = load_suite(str(suite_file))
    store, _ = run(suite, tmp_path / "r")
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    hypotheses = decodes_of(store).set_index(["arm", "language", "utterance_id"])["hypothesis"]
    assert hypotheses.nunique() > 4
    for spec in suite.arms:
        arm = load_arm(find_arm(spec), suite.decode, suite.languages)
        processor = WhisperProcessor.from_pretrained(arm.source.folder)
        for language in suite.languages:
            for utterance in corpus.utterances[language]:
                features = processor(read_audio(utterance.audio_bytes()), sampling_rate=16_000, return_tensors="pt")
                tokens = arm.model.generate(features.input_features, language=language, max_new_tokens=12)
                text = processor.batch_decode(tokens, skip_special_tokens=True)[0].strip()
                assert hypotheses[spec.name, language, utterance.id] == text


def test_batches_and_shared_encoders_do_not_show(
    suite_file: Path, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    together, _ = run(load_suite(str(suite_file)), tmp_path / "together")
    manifest = tmp_path / "clips" / "clips.tsv"
    single = load_suite(str(write_suite(tmp_path / "one.toml", model_folders, manifest, batch=1)))
    apart, _ = run(single, tmp_path / "apart", "control")
    run(single, tmp_path / "apart", "converted")
    pd.testing.assert_frame_equal(decodes_of(together), decodes_of(apart))


def test_an_arm_may_be_decoded_by_settings_of_its_own(suite_file: Path, tmp_path: Path) -> None:
    """The same weights, each in another arithmetic or beside other clips: what was asked for is what is recorded."""
    suite = load_suite(str(suite_file))
    control = suite.arms[0]
    own: dict[str, dict[str, str | int]] = {
        "half": {"dtype": "bfloat16"},
        "eager": {"attention": "eager"},
        "single": {"batch": 1},
    }
    others = [control.model_copy(update={"name": name, "control": "control", **own[name]}) for name in own]
    store, summary = run(suite.model_copy(update={"arms": (control, *others)}), tmp_path / "r")
    assert summary.decoded == 4 * 12
    settings = {name: arm.settings.model_dump() for name, arm in store.read_manifest().arms.items()}
    plain = settings.pop("control")
    assert {
        name: {key: value for key, value in mine.items() if value != plain[key]} for name, mine in settings.items()
    } == own


def test_encoders_are_shared_only_when_identical(suite_file: Path, model_folders: dict[str, Path]) -> None:
    suite = load_suite(str(suite_file))
    specs = [suite.arms[0], suite.arms[1], suite.arms[0].model_copy(update={"model": str(model_folders["other"])})]
    control, converted, other = (load_arm(find_arm(spec), suite.decode, ("en",)).encoder_key for spec in specs)
    assert control == converted != other
    relu = load_arm(find_arm(specs[0]), suite.decode, ("en",))
    relu.model.config.activation_function = "relu"
    assert hash_encoder(relu.model, relu.extractor, relu.settings.attention) != control
    half = suite.decode.model_copy(update={"dtype": "bfloat16"})
    assert load_arm(find_arm(specs[0]), half, ("en",)).encoder_key != control


def test_a_second_run_decodes_only_what_is_missing(suite_file: Path, tmp_path: Path) -> None:
    suite = load_suite(str(suite_file))
    store, first = run(suite, tmp_path / "r")
    assert first == RunSummary(decoded=24, found=0, missing=())
    manifest = store.manifest_path.read_bytes()
    assert run(suite, tmp_path / "r")[1] == RunSummary(0, 24, ())
    assert store.manifest_path.read_bytes() == manifest
    next((store.folder / "decodes").iterdir()).unlink()
    assert run(suite, tmp_path / "r")[1] == RunSummary(6, 18, ())
    longer = suite.model_copy(update={"decode": suite.decode.model_copy(update={"max_new_tokens": 11})})
    assert run(longer, tmp_path / "r")[1] == RunSummary(24, 0, ())


def test_one_arm_alone_is_not_whole(suite_file: Path, tmp_path: Path) -> None:
    suite = load_suite(str(suite_file))
    assert run(suite, tmp_path / "r", "converted")[1] == RunSummary(12, 0, ("control",))
    assert run(suite, tmp_path / "r", "control")[1] == RunSummary(12, 0, ())
    shorter = suite.model_copy(update={"decode": suite.decode.model_copy(update={"max_new_tokens": 5})})
    store, summary = run(shorter, tmp_path / "r", "converted")
    assert summary.missing == ("control",), "the control's decodes are of other settings"
    assert set(store.read_manifest().arms) == {"converted"}
    assert run(suite, tmp_path / "r", "converted")[1] == RunSummary(0, 12, ()), (
        "both are still there for these settings"
    )
    with pytest.raises(BenchError, match="--arm nobody: the suite's arms are control, converted"):
        run(suite, tmp_path / "r", "nobody")


def test_changed_audio_is_decoded_again_and_moved_audio_is_not(
    suite_file: Path, tmp_path: Path, model_folders: dict[str, Path]
) -> None:
    run(load_suite(str(suite_file)), tmp_path / "r")
    (tmp_path / "clips").rename(tmp_path / "moved")
    moved = load_suite(str(suite_file), corpus_path=tmp_path / "moved" / "clips.tsv")
    assert run(moved, tmp_path / "r")[1] == RunSummary(0, 24, ())
    soundfile.write(tmp_path / "moved" / "de1.wav", np.zeros(9000), 16_000)
    assert run(moved, tmp_path / "r")[1] == RunSummary(2, 22, ())


def test_an_unreadable_clip_is_recorded(suite_file: Path, tmp_path: Path) -> None:
    (tmp_path / "clips" / "en2.wav").write_bytes(b"not audio")
    store, _ = run(load_suite(str(suite_file)), tmp_path / "r")
    rows = decodes_of(store).set_index("utterance_id").loc["en2.wav"]
    assert list(rows["audio_status"]) == ["unreadable", "unreadable"]
    assert list(rows["hypothesis"]) == ["", ""]
    assert rows["finish"].isna().all()
    assert rows["detail"].str.len().min() > 0


def test_long_clips_are_refused_or_cut(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    audio = read_audio((tmp_path / "clips" / "en0.wav").read_bytes())
    soundfile.write(tmp_path / "clips" / "en0.wav", np.tile(audio, 8)[: 16_000 * 4], 16_000)
    refused = load_suite(str(write_suite(tmp_path / "a.toml", model_folders, manifest)))
    soundfile.write(tmp_path / "clips" / "de1.wav", np.tile(audio, 8)[: 16_000 * 5], 16_000)
    named = r"window of 3 s: en clip en0\.wav \(4\.00 s\), de clip de1\.wav \(5\.00 s\), 2 of 12 clips; remove them"
    with pytest.raises(BenchError, match=named):
        run(refused, tmp_path / "r")
    assert not (tmp_path / "r").exists(), "before anything is decoded"
    hours = write_clips(tmp_path / "hours", ("en",), clips=2)
    soundfile.write(tmp_path / "hours" / "en0.wav", np.zeros(1000 * 7200, dtype=np.int16), 1000)
    suite = refused.model_copy(
        update={"corpus": refused.corpus.model_copy(update={"path": hours}), "languages": ("en",)}
    )
    with pytest.raises(BenchError, match=r"window of 3 s: en clip en0\.wav \(7200\.00 s\), 1 of 2 clips"):
        run(suite, tmp_path / "r")
    cut = load_suite(str(write_suite(tmp_path / "b.toml", model_folders, manifest, long_clips="truncate")))
    rows = decodes_of(run(cut, tmp_path / "r")[0]).set_index("utterance_id").loc["en0.wav"]
    assert list(rows["audio_status"]) == ["truncated"] * 2
    assert list(rows["audio_seconds"]) == [3.0, 3.0]


def test_sequential_decoding_needs_timestamps(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    suite = load_suite(str(write_suite(tmp_path / "a.toml", model_folders, manifest, long_clips="sequential")))
    with pytest.raises(BenchError, match="arm control has no timestamp tokens"):
        run(suite, tmp_path / "r")


def test_long_clips_are_decoded_window_by_window(tmp_path: Path, data_folder: Path) -> None:
    """Digits in a row, longer than the model's two seconds: what transformers' own generate makes of them."""
    speech = data_folder / "speech" / "fsdd_test"
    digits = [read_audio((speech / f"{i}_jackson_0.flac").read_bytes()) for i in (1, 2, 3, 4, 5, 6)]
    long = np.concatenate([np.pad(digit, 1600) for digit in digits])
    assert len(long) > 2 * 16_000
    soundfile.write(tmp_path / "long.wav", long, 16_000, subtype="FLOAT")
    soundfile.write(tmp_path / "short.wav", digits[0], 16_000, subtype="FLOAT")
    (tmp_path / "m.tsv").write_text("path\ttext\nlong.wav\tone two\nshort.wav\tone\n", encoding="utf-8")
    folder = data_folder / "models" / "whisper-micro-fsdd"
    (tmp_path / "s.toml").write_text(
        f"""
name = "s"
languages = ["en"]
arms = [{{ name = "a", model = "{folder}" }}]
corpus = {{ kind = "manifest", path = "m.tsv" }}
decode = {{ max_new_tokens = 20, long_clips = "sequential" }}
""",
        encoding="utf-8",
    )
    rows = decodes_of(run(load_suite(str(tmp_path / "s.toml")), tmp_path / "r")[0]).set_index("utterance_id")
    processor = WhisperProcessor.from_pretrained(folder)
    model = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    options = {"truncation": False, "padding": "longest", "return_attention_mask": True, "return_tensors": "pt"}
    inputs = processor(long, sampling_rate=16_000, **options)
    tokens = model.generate(**inputs, language="en", task="transcribe", return_timestamps=True, max_new_tokens=20)
    (expected,) = processor.batch_decode(tokens, skip_special_tokens=True)
    assert rows.loc["long.wav", "hypothesis"] == expected.strip()
    assert list(rows["audio_status"]) == ["ok", "ok"]
    assert rows.loc["long.wav", "audio_seconds"] == pytest.approx(len(long) / 16_000)


def test_reading_ahead_keeps_the_order_and_passes_errors_on(tmp_path: Path) -> None:
    write_clips(tmp_path, ("en",), clips=9)
    everything = read_manifest(tmp_path / "clips.tsv", ("en",))
    blocks = [Block("en", CLEAN_CONDITION, tuple(everything[start : start + 3])) for start in (0, 3, 6)]
    read = [[clip.utterance.id for clip in clips] for clips in read_ahead(blocks, CLEAN_ONLY)]
    assert read == [[utterance.id for utterance in block.utterances] for block in blocks]
    (tmp_path / "en7.wav").unlink()
    with pytest.raises(BenchError, match=r"en7\.wav"):
        list(read_ahead(blocks, CLEAN_ONLY))


def test_the_budget_is_told_from_the_end(tmp_path: Path, model_folders: dict[str, Path]) -> None:
    manifest = write_clips(tmp_path / "clips")
    suite = load_suite(str(write_suite(tmp_path / "a.toml", model_folders, manifest, max_new_tokens=3)))
    rows = decodes_of(run(suite, tmp_path / "r")[0])
    assert (rows["tokens"] <= 3).all()
    assert ((rows["finish"] == "budget") == (rows["tokens"] == 3)).all()
