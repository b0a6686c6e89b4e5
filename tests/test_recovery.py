"""Recovery fine-tuning: the encoder stays as it is, and equal arms end equal."""

import copy
from collections.abc import Iterator

import torch
from transformers import WhisperForConditionalGeneration

from bench.arms import hash_weights
from bench.recovery import FineTuning, fine_tune, warmup_cosine

SETTINGS = FineTuning(steps=3, learning_rate=1e-3, warmup_steps=1)


def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(0)
    for _ in range(SETTINGS.steps):
        yield torch.randn(2, 80, 300, generator=generator), torch.randint(4, 300, (2, 5), generator=generator)


def test_the_encoder_is_frozen_and_training_is_repeatable(random_model: WhisperForConditionalGeneration) -> None:
    first, second = copy.deepcopy(random_model), copy.deepcopy(random_model)
    losses = fine_tune(first, batches(), SETTINGS, "first")
    assert fine_tune(second, batches(), SETTINGS, "second") == losses
    assert hash_weights(first.get_encoder()) == hash_weights(random_model.get_encoder())
    decoders = [model.model.decoder.layers[0].fc1.weight for model in (first, second, random_model)]
    assert torch.equal(decoders[0], decoders[1])
    assert not torch.equal(decoders[0], decoders[2])


def test_schedule() -> None:
    factors = [warmup_cosine(step, 100, 10) for step in range(101)]
    assert factors[0] == 0.1
    assert max(factors) == factors[9] == 1.0
    assert factors[100] == 0.0
