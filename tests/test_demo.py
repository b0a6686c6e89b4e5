"""The embedded demo: what ships loads with stock transformers, differs where it should and decodes as generate does."""

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from rich.console import Console
from transformers import WhisperForConditionalGeneration, WhisperProcessor
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.arms import Arm, find_arm, load_arm
from bench.audio import read_audio
from bench.corpora import load_corpus
from bench.demo.recipe.sentences import draw_sentence, load_grammars
from bench.runners import run_suite
from bench.store import Store
from bench.suite import ConditionSpec, Suite, load_suite

DEMO = Path(__file__).parents[1] / "bench" / "demo"
REPORT = DEMO.parents[1] / "reports" / "demo" / "table.csv"
SAMPLE = 12


@pytest.fixture(scope="module")
def suite() -> Suite:
    """The demo over a few clips of four languages, two of them written without spaces."""
    whole = load_suite("demo")
    few = whole.corpus.model_copy(update={"utterances": SAMPLE})
    changed = {"languages": ("en", "ar", "th", "zh"), "corpus": few, "condition_specs": (ConditionSpec(),)}
    return whole.model_copy(update=changed)


@pytest.fixture(scope="module")
def arms(suite: Suite) -> dict[str, Arm]:
    sources = [find_arm(spec, suite.files_of(spec)) for spec in suite.arms]
    return {source.spec.name: load_arm(source, suite.decode, suite.languages) for source in sources}


def test_transcripts_are_stock_generates_and_arms_differ(suite: Suite, arms: dict[str, Arm], tmp_path: Path) -> None:
    store = Store(tmp_path)
    run_suite(suite, store, [], Console(quiet=True))
    arms_decoded = store.read_manifest().arms
    cells = [f"{language}/clean" for language in suite.languages]
    decodes = {name: store.read_decodes(k for cell in cells for k in arms_decoded[name].parts[cell]) for name in arms}
    corpus = load_corpus(suite.corpus, suite.languages, suite.seed)
    for name, arm in arms.items():
        processor = WhisperProcessor.from_pretrained(arm.source.folder)
        expected = []
        for language in suite.languages:
            for utterance in corpus.utterances[language]:
                features = processor(read_audio(utterance.audio_bytes()), sampling_rate=16_000, return_tensors="pt")
                tokens = arm.model.generate(features.input_features, language=language, max_new_tokens=56)
                expected.append(processor.batch_decode(tokens, skip_special_tokens=True)[0].strip())
        assert list(decodes[name]["hypothesis"]) == expected
    for one, other in combinations(decodes.values(), 2):
        assert (one["hypothesis"] != other["hypothesis"]).mean() >= 0.01


def test_the_committed_table_is_of_a_demo_worth_showing() -> None:
    """The control works on unheard voices, and the arms show both kinds of cost."""
    table = pd.read_csv(REPORT, comment="#")
    primary = table[table["primary"] & (table["condition"] == "clean")]
    control = primary[primary["arm"] == "control"]["rate"]
    assert control.between(5, 50).all()
    assert control.median() < 35
    costs = primary[primary["arm"] != "control"]
    excludes_zero = (costs["low"] > 0) | (costs["high"] < 0)
    assert excludes_zero.any()
    assert not excludes_zero.all()


def test_the_committed_table_is_of_the_committed_models(suite: Suite) -> None:
    signature = REPORT.read_text(encoding="utf-8").splitlines()[0]
    shown = dict(re.findall(r"([\w.-]+)=([0-9a-f]{8})\b", signature))
    sources = [find_arm(spec, suite.files_of(spec)) for spec in suite.arms]
    assert {source.spec.name: source.fingerprint[:8] for source in sources} == shown


def test_encoders_are_identical_and_decoders_are_not(arms: dict[str, Arm]) -> None:
    assert len({arm.encoder_key for arm in arms.values()}) == 1
    assert len({arm.source.fingerprint for arm in arms.values()}) == len(arms)


def test_caches_hold_what_the_names_say(arms: dict[str, Arm]) -> None:
    features, ids = torch.randn(1, 80, 300), torch.randint(4, 300, (1, 10))
    held = {}
    for name, arm in arms.items():
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        with torch.no_grad():
            arm.model(input_features=features, decoder_input_ids=ids, past_key_values=cache, use_cache=True)
        held[name] = sum(t.nbytes for layer in cache.self_attention_cache.layers for t in (layer.keys, layer.values))  # noqa: PD011
    width, layers, positions, float32 = 96, 2, 10, 4
    assert held["control"] == 2 * width * layers * positions * float32
    assert held["base"] == held["control"]
    assert held["paper-62.5"] == held["paper-62.5-start"] == held["control"] * (1 - 0.625)
    assert held["svd-93.75"] == held["svd-93.75-start"] == held["control"] * (1 - 0.9375)


def test_the_control_is_a_stock_whisper(suite: Suite) -> None:
    folder = find_arm(suite.arms[1]).folder
    _, loading = WhisperForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    assert not loading["missing_keys"]
    assert not loading["unexpected_keys"]


def test_the_demo_stays_small() -> None:
    assert sum(file.stat().st_size for file in DEMO.rglob("*") if file.is_file()) < 30 * 10**6


@pytest.mark.parametrize("language", list(load_grammars()))
def test_sentences_have_two_to_eight_words(language: str) -> None:
    grammar, rng = load_grammars()[language], np.random.default_rng(0)
    sentences = [draw_sentence(grammar, rng) for _ in range(200)]
    assert all(2 <= sentence.words <= 8 for sentence in sentences)
    assert len({sentence.text for sentence in sentences}) > 60


def test_making_the_demo_without_a_synthesiser_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.demo.make", "--work", str(tmp_path)]
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(DEMO.parents[1])}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "espeak-ng not found" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
