"""whisper-tiny's true size and text path, with random weights: exact conversion says the same on real speech."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from bench.audio import read_audio
from bench.features import log_mel
from bench.mla.convert import convert_exactly
from bench.mla.layout import held_bytes, layout_of
from tests.two_runtimes.models import new_cache

CLIPS = 3
TOKENS = 24


@pytest.fixture(scope="module")
def processor_folder(data_folder: Path) -> Path:
    return data_folder / "models" / "whisper-tiny-processor"


@pytest.fixture(scope="module")
def original(processor_folder: Path) -> WhisperForConditionalGeneration:
    """Random weights, large enough that transcripts vary from clip to clip and token to token."""
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(WhisperConfig.from_pretrained(processor_folder)).eval()
    for name, parameter in model.named_parameters():
        if "proj" in name or "fc" in name:
            parameter.data.mul_(6)
    model.generation_config = GenerationConfig.from_pretrained(processor_folder)
    return model


@pytest.fixture(scope="module")
def states(data_folder: Path, processor_folder: Path, original: WhisperForConditionalGeneration) -> torch.Tensor:
    extractor = WhisperFeatureExtractor.from_pretrained(processor_folder)
    paths = sorted((data_folder / "speech" / "librispeech").glob("*.flac"))[:CLIPS]
    features = log_mel(extractor, [read_audio(path.read_bytes()) for path in paths], torch.device("cpu"))
    with torch.inference_mode():
        encoded: torch.Tensor = original.get_encoder()(features).last_hidden_state
    return encoded


def generate(model: Any, states: torch.Tensor) -> torch.Tensor:
    ids: torch.Tensor = model.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=states),
        **{"language": "en", "task": "transcribe", "return_timestamps": False},
        **{"max_new_tokens": TOKENS, "min_new_tokens": TOKENS},
    )
    return ids


def test_exact_says_the_same(original: WhisperForConditionalGeneration, states: torch.Tensor) -> None:
    expected = generate(original, states)
    assert len({tuple(row) for row in expected.tolist()}) == CLIPS
    assert len(set(expected[0].tolist())) > TOKENS // 2
    assert torch.equal(generate(convert_exactly(original), states), expected)


@torch.inference_mode()
def test_exact_has_the_same_logits_and_a_fifth_of_the_cache(
    original: WhisperForConditionalGeneration, states: torch.Tensor
) -> None:
    """Cached and uncached, with a prompt longer than a token."""
    ids, itemsize = generate(original, states), 4
    expected = original(encoder_outputs=(states,), decoder_input_ids=ids, use_cache=False).logits
    exact = convert_exactly(original)
    cache = new_cache()
    steps = [
        exact(encoder_outputs=(states,), decoder_input_ids=part, past_key_values=cache, use_cache=True).logits
        for part in (ids[:, :5], *ids[:, 5:].split(1, dim=1))
    ]
    uncached = exact(encoder_outputs=(states,), decoder_input_ids=ids, use_cache=False).logits
    assert (uncached - expected).abs().max() < 1e-4
    assert (torch.cat(steps, dim=1) - expected).abs().max() < 1e-4
    held, positions = held_bytes(cache), ids.shape[1]
    assert (held.own, held.cross) == (CLIPS * layout_of(exact).own_bytes(positions, itemsize), 0)
    stock, mine = (layout_of(model).decode_bytes(448, 1500, itemsize) for model in (original, exact))
    assert 1 - mine / stock > 0.78
