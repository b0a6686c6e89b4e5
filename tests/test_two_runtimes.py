"""What must hold on transformers 4.46.3, the published model's runtime, and on 5.x alike; it runs on either."""

from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console
from transformers import WhisperConfig, WhisperForConditionalGeneration
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.arms import find_arm, load_arm
from bench.audio import read_audio
from bench.corpora import load_corpus
from bench.errors import BenchError
from bench.features import log_mel
from bench.mla.convert import LatentShape, Weighing, convert
from bench.mla.factorise import root, weighted_svd
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.mla.moments import collect_moments
from bench.runners import run_suite
from bench.runners.greedy import decode, encode
from bench.store import Store
from bench.suite import Suite, load_suite

WIDTH, LAYERS, HEADS = 48, 2, 4
CLASSES = {
    "control": WhisperForConditionalGeneration,
    "paper-62.5": WhisperMLAForConditionalGeneration,
    "svd-93.75": WhisperMLAForConditionalGeneration,
}


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite("demo")


def make_model(attention: str) -> WhisperForConditionalGeneration:
    """Random weights, large enough that the logits depend on every position."""
    torch.manual_seed(0)
    config = WhisperConfig(
        **{"vocab_size": 200, "d_model": WIDTH, "encoder_layers": 1, "decoder_layers": LAYERS, "num_mel_bins": 80},
        **{"encoder_attention_heads": HEADS, "decoder_attention_heads": HEADS, "encoder_ffn_dim": 64},
        **{"decoder_ffn_dim": 64, "max_source_positions": 50, "max_target_positions": 40, "pad_token_id": 0},
        **{"bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 3},
        attn_implementation=attention,
    )
    model = WhisperForConditionalGeneration(config).eval()
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(8)
    return model


@pytest.fixture(scope="module")
def inputs() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {"input_features": torch.randn(2, 80, 100), "decoder_input_ids": torch.randint(4, 200, (2, 9))}


@torch.no_grad()
def logits(model: Any, inputs: dict[str, torch.Tensor], **more: Any) -> torch.Tensor:
    output: torch.Tensor = model(**inputs, **more).logits
    return output


def held_by(cache: EncoderDecoderCache) -> int:
    """Numbers in the live self-attention cache, on either version."""
    own = cache.self_attention_cache
    if hasattr(own, "layers"):
        tensors = [t for layer in own.layers for t in (layer.keys, layer.values)]
    else:
        tensors = [*own.key_cache, *own.value_cache]
    return sum(tensor.numel() for tensor in tensors)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("kept", [0, 24, 44])
def test_full_rank_is_the_original(attention: str, kept: int, inputs: dict[str, torch.Tensor]) -> None:
    original = make_model(attention)
    converted = convert(original, LatentShape(kept, rank=WIDTH))
    assert (logits(converted, inputs) - logits(original, inputs)).abs().max() < 1e-4


@pytest.mark.parametrize("shape", [LatentShape(24, 12), LatentShape(0, 6)])
def test_steps_through_the_cache_are_the_whole(shape: LatentShape, inputs: dict[str, torch.Tensor]) -> None:
    converted = convert(make_model("sdpa"), shape)
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    ids = inputs["decoder_input_ids"]
    steps = []
    for part in (ids[:, :4], ids[:, 4:5], ids[:, 5:]):
        steps.append(logits(converted, inputs | {"decoder_input_ids": part}, past_key_values=cache, use_cache=True))
        assert cache.get_seq_length() == sum(step.shape[1] for step in steps)
    assert (torch.cat(steps, dim=1) - logits(converted, inputs)).abs().max() < 1e-4
    assert held_by(cache) == LAYERS * shape.values_per_token * ids.numel()


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_the_last_token_does_not_reach_back(attention: str, inputs: dict[str, torch.Tensor]) -> None:
    converted = convert(make_model(attention), LatentShape(8, 12))
    changed = inputs["decoder_input_ids"].clone()
    changed[:, -1] = (changed[:, -1] + 7) % 200
    before, after = logits(converted, inputs), logits(converted, inputs | {"decoder_input_ids": changed})
    assert torch.equal(before[:, :-1], after[:, :-1])
    assert not torch.equal(before[:, -1], after[:, -1])


def test_a_saved_model_loads_as_the_class_it_was(inputs: dict[str, torch.Tensor], tmp_path: Path) -> None:
    converted = convert(make_model("sdpa"), LatentShape(24, 12))
    converted.save_pretrained(tmp_path)
    loaded = WhisperMLAForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert torch.equal(logits(loaded, inputs), logits(converted, inputs))


def test_svd_is_the_best_of_its_rank() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(10, 7, dtype=torch.float64)
    up, down = weighted_svd(matrix, 3)
    singular = torch.linalg.svdvals(matrix)
    assert torch.linalg.norm(matrix - up @ down) == pytest.approx(float(singular[3:].square().sum().sqrt()))


def test_a_weighted_svd_is_the_best_under_its_weights() -> None:
    """Its error is the tail of the weighed singular values, and no plain SVD's is smaller."""
    torch.manual_seed(0)
    matrix, left, right = (torch.randn(*size, dtype=torch.float64) for size in ((10, 7), (10, 10), (7, 7)))
    errors = []
    for up, down in (weighted_svd(matrix, 3, left, right), weighted_svd(matrix, 3)):
        errors.append(float(torch.linalg.norm(left @ (matrix - up @ down) @ right)))
    tail = torch.linalg.svdvals(left @ matrix @ right)[3:].square().sum().sqrt()
    assert errors[0] == pytest.approx(float(tail))
    assert errors[0] < errors[1]


def test_roots_are_roots_and_can_be_inverted() -> None:
    torch.manual_seed(0)
    thin = torch.randn(20, 6, dtype=torch.float64)
    moment = thin.T @ thin
    assert torch.allclose(root(moment) @ root(moment), moment)
    flat = moment.clone()
    flat[0], flat[:, 0] = 0, 0
    assert torch.linalg.matrix_rank(root(flat)) == 6


@pytest.fixture(scope="module")
def calibration() -> list[tuple[torch.Tensor, torch.Tensor]]:
    torch.manual_seed(4)
    return [(torch.randn(3, 50, WIDTH), torch.randint(4, 200, (3, 12))) for _ in range(4)]


def test_moments_are_means_over_positions(calibration: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    model, seen = make_model("sdpa"), []
    attention = model.model.decoder.layers[1].self_attn
    hook = attention.q_proj.register_forward_hook(lambda module, args, output: seen.append((args[0], output)))
    moments = collect_moments(model, calibration)[1]
    hook.remove()
    seen = [pair for pair in seen if pair[0].ndim == 3]  # the model's own calls, not those of the moments
    x = torch.cat([pair[0].flatten(0, 1) for pair in seen]).double()
    assert torch.allclose(moments.inputs, x.T @ x / len(x))
    q = torch.cat([pair[1].flatten(0, 1) for pair in seen]).double() * (WIDTH // HEADS) ** -0.5
    first = q[:, : WIDTH // HEADS]
    assert torch.allclose(moments.queries[0], first.T @ first / len(q))
    with pytest.raises(ValueError, match="no calibration batch"):
        collect_moments(model, [])


@pytest.mark.parametrize("kept", [0, 8])
@pytest.mark.parametrize("weighing", ["inputs", "balanced"])
def test_weighing_keeps_full_rank_lossless(
    weighing: Weighing, kept: int, inputs: dict[str, torch.Tensor], calibration: list[tuple[torch.Tensor, torch.Tensor]]
) -> None:
    original = make_model("sdpa")
    moments = collect_moments(original, calibration)
    converted = convert(original, LatentShape(kept, WIDTH), weighing, moments)
    assert (logits(converted, inputs) - logits(original, inputs)).abs().max() < 1e-3
    with pytest.raises(ValueError, match="moments are needed"):
        convert(original, LatentShape(kept, WIDTH), weighing)
    with pytest.raises(ValueError, match="for nothing else"):
        convert(original, LatentShape(kept, WIDTH), "even", moments)


@pytest.mark.parametrize("shape", [LatentShape(25, 6), LatentShape(48, 6), LatentShape(0, 0), LatentShape(0, 49)])
def test_impossible_shapes_are_refused(shape: LatentShape) -> None:
    with pytest.raises(BenchError, match="must"):
        convert(make_model("sdpa"), shape)


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
    assert (summary.decoded, summary.missing) == (18, ())
