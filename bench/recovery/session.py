"""One training of a control and its converted arms, from a checkpoint if there is one, to the end."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from bench.arms import hash_weights
from bench.errors import BenchError
from bench.recovery.checkpoint import Checkpoint, Losses
from bench.recovery.states import KeptStates
from bench.recovery.training import Batch, FineTuning, Trainee, require_finite, train_together

OnStep = Callable[[int, Mapping[str, float]], None]


def train(
    models: Mapping[str, Any],
    batch_of: Callable[[int], Batch],
    settings: FineTuning,
    seed: int,
    checkpoint: Checkpoint | None = None,
    teacher: Any = None,
    on_step: OnStep = lambda step, losses: None,
    kept: KeptStates | None = None,
) -> Losses:
    """Trains all models in place on the same batches and returns every step's loss of each.

    A checkpoint of more models adds theirs, as far as they were trained. What a step does depends on its number and on
    the checkpoint alone, so that a training that was killed goes on to the same weights. Raises BenchError where the
    encoders differ or a loss is not finite; RuntimeError if an encoder has changed although it is frozen.
    """
    before = _encoder_of(models)
    trainees = {name: Trainee(model, settings) for name, model in models.items()}
    first, losses = (0, {name: [] for name in models}) if checkpoint is None else checkpoint.restore(trainees)

    def after_step(step: int, of_step: dict[str, float]) -> None:
        for name, loss in of_step.items():
            losses[name].append(loss)
        if checkpoint is not None and ((step + 1) % checkpoint.every == 0 or step + 1 == settings.steps):
            require_finite(trainees)
            checkpoint.save(step + 1, losses, trainees)
        on_step(step, of_step)

    with _deterministic():
        train_together(trainees, batch_of, range(first, settings.steps), seed, teacher, after_step, kept)
    require_finite(trainees)
    for model in models.values():
        model.eval()
    if _encoder_of(models) != before:
        raise RuntimeError("the encoder changed during fine-tuning although it is frozen")
    return losses


def _encoder_of(models: Mapping[str, Any]) -> str:
    """The hash of the encoder that all models have."""
    hashes = {name: hash_weights(model.get_encoder()) for name, model in models.items()}
    (first, expected), *others = hashes.items()
    for name, found in others:
        if found != expected:
            raise BenchError(f"arms {first} and {name} have different encoders; they cannot be trained identically")
    return expected


@contextmanager
def _deterministic() -> Iterator[None]:
    """Else the order of threads shows in the last bits, and soon in all."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA's matrix products are repeatable only with it
    was = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(was)
