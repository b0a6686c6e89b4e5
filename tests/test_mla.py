"""Latent attention: lossless at full rank, causal, and caching exactly what its shape says."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import WhisperForConditionalGeneration
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from bench.errors import BenchError
from bench.mla.convert import LatentShape, convert, truncated_svd
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration

WIDTH, LAYERS = 48, 2


@pytest.fixture(scope="module")
def inputs() -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    return {"input_features": torch.randn(2, 80, 300), "decoder_input_ids": torch.randint(4, 300, (2, 9))}


def logits(model: Any, inputs: dict[str, torch.Tensor], **more: Any) -> torch.Tensor:
    with torch.no_grad():
        output: torch.Tensor = model(**inputs, **more).logits
    return output


@pytest.mark.parametrize("kept", [0, 24, 46])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_full_rank_is_the_original(
    random_model: WhisperForConditionalGeneration, inputs: dict[str, torch.Tensor], kept: int, attention: str
) -> None:
    original = copy.deepcopy(random_model)
    converted = convert(original, LatentShape(kept, rank=WIDTH))
    original.config._attn_implementation = converted.config._attn_implementation = attention
    assert (logits(converted, inputs) - logits(original, inputs)).abs().max() < 1e-4


@pytest.mark.parametrize("shape", [LatentShape(24, 12), LatentShape(0, 6)])
def test_the_live_cache_holds_what_the_shape_says(
    random_model: WhisperForConditionalGeneration, inputs: dict[str, torch.Tensor], shape: LatentShape
) -> None:
    converted = convert(random_model, shape)
    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    whole = logits(converted, inputs)
    ids = inputs["decoder_input_ids"]
    steps = [
        logits(converted, inputs | {"decoder_input_ids": part}, past_key_values=cache, use_cache=True)
        for part in (ids[:, :4], ids[:, 4:5], ids[:, 5:])
    ]
    assert (torch.cat(steps, dim=1) - whole).abs().max() < 1e-4
    assert cache.get_seq_length() == ids.shape[1]
    held = sum(t.numel() for layer in cache.self_attention_cache.layers for t in (layer.keys, layer.values))
    assert held == LAYERS * shape.values_per_token * ids.numel()


def test_the_last_token_does_not_reach_back(
    random_model: WhisperForConditionalGeneration, inputs: dict[str, torch.Tensor]
) -> None:
    converted = convert(random_model, LatentShape(24, 12))
    perturbed = inputs | {"decoder_input_ids": inputs["decoder_input_ids"].clone()}
    perturbed["decoder_input_ids"][:, -1] += 1
    difference = (logits(converted, inputs) - logits(converted, perturbed)).abs()
    assert difference[:, :-1].max() == 0
    assert difference[:, -1].max() > 0


def test_a_saved_model_loads_as_the_class_it_was(
    random_model: WhisperForConditionalGeneration, inputs: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    converted = convert(random_model, LatentShape(24, 12))
    converted.save_pretrained(tmp_path)
    loaded = WhisperMLAForConditionalGeneration.from_pretrained(tmp_path).eval()
    assert torch.equal(logits(loaded, inputs), logits(converted, inputs))


def test_svd_is_the_best_of_its_rank() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(10, 7, dtype=torch.float64)
    up, down = truncated_svd(matrix, 3)
    singular = torch.linalg.svdvals(matrix)
    assert torch.linalg.norm(matrix - up @ down) == pytest.approx(float(singular[3:].square().sum().sqrt()))


@pytest.mark.parametrize("shape", [LatentShape(25, 6), LatentShape(48, 6), LatentShape(0, 0), LatentShape(0, 49)])
def test_impossible_shapes_are_refused(random_model: WhisperForConditionalGeneration, shape: LatentShape) -> None:
    with pytest.raises(BenchError, match="must"):
        convert(random_model, shape)
