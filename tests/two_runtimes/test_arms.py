"""Arms as a suite names them: loaded, decoded, and built on the spot."""

from pathlib import Path

import pytest
import torch
from rich.console import Console
from transformers import WhisperForConditionalGeneration

from bench.arms import find_arm, load_arm
from bench.audio import read_audio
from bench.corpora import load_corpus
from bench.features import log_mel
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.runners import run_suite
from bench.runners.greedy import decode, encode
from bench.runners.likelihood import score_references
from bench.store import Store
from bench.suite import ArmSpec, ConditionSpec, Suite, load_suite

CLASSES = {
    "control": WhisperForConditionalGeneration,
    "paper-62.5": WhisperMLAForConditionalGeneration,
    "svd-93.75": WhisperMLAForConditionalGeneration,
}


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite("demo").model_copy(update={"condition_specs": (ConditionSpec(),)})


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", list(CLASSES))
def test_arms_are_of_their_class_and_of_the_suites_dtype(name: str, dtype: str, suite: Suite) -> None:
    spec = next(arm for arm in suite.arms if arm.name == name)
    settings = suite.decode.model_copy(update={"dtype": dtype})
    arm = load_arm(find_arm(spec), settings, ["en"])
    assert type(arm.model) is CLASSES[name]
    assert {parameter.dtype for parameter in arm.model.parameters()} == {getattr(torch, dtype)}


@pytest.mark.parametrize("name", list(CLASSES))
@torch.inference_mode()
def test_greedy_decoding_is_the_argmax_of_uncached_logits(name: str, suite: Suite) -> None:
    """Token by token without any cache, as the definition of greedy decoding reads."""
    spec = next(arm for arm in suite.arms if arm.name == name)
    arm = load_arm(find_arm(spec), suite.decode, ["cy"])
    utterances = load_corpus(suite.corpus, ("cy",), suite.seed).utterances["cy"][:3]
    audio = [read_audio(utterance.audio_bytes()) for utterance in utterances]
    states = encode(arm, log_mel(arm.extractor, audio, arm.model.device))
    decoded = decode(arm, states, "cy", 20)
    prompt = ["<|startoftranscript|>", "<|cy|>", "<|transcribe|>", "<|notimestamps|>"]
    suppressed = arm.source.generation_settings().get("suppress_tokens", [])
    for i, hypothesis in enumerate(decoded):
        ids = arm.tokenizer.convert_tokens_to_ids(prompt)
        for step in range(20):
            row = arm.model(encoder_outputs=(states[i : i + 1],), decoder_input_ids=torch.tensor([ids])).logits[0, -1]
            begin = arm.source.generation_settings().get("begin_suppress_tokens", []) if step == 0 else []
            row[[*suppressed, *begin]] = -torch.inf
            ids.append(int(row.argmax()))
            if ids[-1] == arm.tokenizer.eos_token_id:
                break
        text = arm.tokenizer.decode([t for t in ids[4:] if t != arm.tokenizer.eos_token_id], skip_special_tokens=True)
        assert hypothesis.text == text.strip()


def test_a_suite_runs(suite: Suite, tmp_path: Path) -> None:
    corpus = suite.corpus.model_copy(update={"utterances": 3})
    small = suite.model_copy(update={"languages": ("en", "th"), "corpus": corpus})
    summary = run_suite(small, Store(tmp_path), [], Console(quiet=True))
    assert (summary.decoded, summary.missing) == (len(suite.arms) * 6, ())


def test_exact_arms_say_what_the_control_says(suite: Suite, tmp_path: Path) -> None:
    """On every demo clip, in one encoder pass; the likelihoods too."""
    exact = ArmSpec(name="exact", model="exact:control", control="control")
    control = suite.arms[1].model_copy(update={"start": None})
    both = suite.model_copy(update={"arms": (control, exact)})
    store = Store(tmp_path)
    run_suite(both, store, [], Console(quiet=True))
    parts = [arm.parts.values() for arm in store.read_manifest().arms.values()]
    control, twin = (store.read_decodes(key for keys in of_arm for key in keys) for of_arm in parts)
    assert len(control) == 1100
    assert list(twin["hypothesis"]) == list(control["hypothesis"])
    assert list(twin["tokens"]) == list(control["tokens"])
    assert (twin["nll"] - control["nll"]).abs().max() < 1e-3


@pytest.mark.parametrize("model", ["demo:96-control", "demo:96-paper-62.5", "exact:control", "svd-87.5:control"])
def test_any_arm_may_keep_an_int8_cache(model: str, suite: Suite) -> None:
    spec = ArmSpec(name="small", model=model, kv="int8")
    arm = load_arm(find_arm(spec, suite.arms[1] if spec.built else None), suite.decode, ["en"])
    plain = load_arm(find_arm(ArmSpec(name="plain", model=model), arm.source.files), suite.decode, ["en"])
    utterances = load_corpus(suite.corpus, ("en",), suite.seed).utterances["en"][:8]
    audio = [read_audio(utterance.audio_bytes()) for utterance in utterances]
    states = encode(arm, log_mel(arm.extractor, audio, arm.model.device))
    texts = [[hypothesis.text for hypothesis in decode(each, states, "en", 56)] for each in (arm, plain)]
    assert sum(one == other for one, other in zip(*texts, strict=True)) >= 6
    references = [utterance.reference for utterance in utterances]
    scores = [score_references(each, states, references, "en", each.new_cache()) for each in (arm, plain)]
    differences = [abs(one.nll - other.nll) for one, other in zip(*scores, strict=True)]
    assert 0 < max(differences) < 1
