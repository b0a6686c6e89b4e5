"""Fine-tuning of one arm's decoder on batches that its caller gives to every arm alike."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from rich.progress import track
from torch import Tensor, nn

from bench.arms import hash_weights


@dataclass(frozen=True)
class FineTuning:
    """AdamW with linear warm-up and a cosine to zero; the same for control and converted arm."""

    steps: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float = 0.01
    gradient_norm: float = 1.0


def fine_tune(model: Any, batches: Iterator[tuple[Tensor, Tensor]], settings: FineTuning, title: str) -> list[float]:
    """Trains all but the encoder in place, one step a batch of (features, labels); returns the loss of every step.

    Raises RuntimeError if the encoder has changed, which would make sharing its states between arms wrong.
    """
    encoder = model.get_encoder()
    before = hash_weights(encoder)
    encoder.requires_grad_(False)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=settings.learning_rate, weight_decay=settings.weight_decay)
    factor = lambda step: warmup_cosine(step, settings.steps, settings.warmup_steps)  # noqa: E731
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    losses = []
    model.train()
    for features, labels in track(batches, title, settings.steps):
        loss = model(input_features=features, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, settings.gradient_norm)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    model.eval()
    if hash_weights(encoder) != before:
        raise RuntimeError("the encoder changed during fine-tuning although it is frozen")
    return losses


def warmup_cosine(step: int, steps: int, warmup_steps: int) -> float:
    """Factor of the learning rate: linear up to 1, then a cosine down to 0."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, steps - warmup_steps)))
