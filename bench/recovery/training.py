"""Identical fine-tuning of several arms: one batch, one encoder pass, one step of each, again and again."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import IGNORED
from bench.errors import BenchError
from bench.recovery.states import KeptStates

Loss = Literal["labels", "distill"]


@dataclass(frozen=True)
class FineTuning:
    """AdamW with linear warm-up and a cosine to zero; the same for control and converted arms."""

    steps: int
    learning_rate: float
    warmup_steps: int
    loss: Loss = "labels"
    dtype: str = "float32"
    weight_decay: float = 0.01
    gradient_norm: float = 1.0


@dataclass(frozen=True)
class Batch:
    """Labels (clips, tokens) after the start token, IGNORED at the end; `read` gives log-mel features (clips, bands,
    frames). `clips`: which of the training clips they are, by number.
    """

    read: Callable[[], Tensor]
    labels: Tensor
    clips: tuple[int, ...] = ()


class Trainee:
    """One arm in training: all but its encoder learns."""

    def __init__(self, model: Any, settings: FineTuning) -> None:
        self.model, self.settings = model, settings
        model.get_encoder().requires_grad_(False)
        self.learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
        rate, decay = settings.learning_rate, settings.weight_decay
        self.optimizer = torch.optim.AdamW(self.learning, lr=rate, weight_decay=decay)
        factor = lambda step: warmup_cosine(step, settings.steps, settings.warmup_steps)  # noqa: E731
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, factor)
        self.scaler = torch.amp.GradScaler(model.device.type, enabled=settings.dtype == "float16")

    def step(self, states: Tensor, labels: Tensor, teacher: Tensor | None) -> float:
        """The loss before the step. Raises FloatingPointError, without a step, where it or its gradient is infinite."""
        dtype = getattr(torch, self.settings.dtype)
        self.model.train()
        self.model.get_encoder().eval()  # its states serve every arm and must not depend on whose turn it was
        with torch.autocast(states.device.type, dtype, enabled=dtype != torch.float32):
            outputs = self.model(encoder_outputs=BaseModelOutput(last_hidden_state=states), labels=labels)
            loss = outputs.loss if teacher is None else distance(outputs.logits, teacher, labels)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise FloatingPointError(value)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        norm = float(nn.utils.clip_grad_norm_(self.learning, self.settings.gradient_norm))
        if not math.isfinite(norm) and not self.scaler.is_enabled():  # in float16 such a step is passed over
            raise FloatingPointError(norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.schedule.step()
        return value

    def require_finite(self) -> None:
        """Raises FloatingPointError where a weight is no number any more."""
        if not all(bool(torch.isfinite(parameter).all()) for parameter in self.learning):
            raise FloatingPointError("inf")

    def state(self) -> dict[str, Any]:
        """Everything the next step depends on, as it is, not a copy."""
        parts = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule, "scaler": self.scaler}
        return {name: part.state_dict() for name, part in parts.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """What `state` gave."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.scaler.load_state_dict(state["scaler"])


def train_together(
    trainees: Mapping[str, Trainee],
    batch_of: Callable[[int], Batch],
    steps: range,
    seed: int,
    teacher: Any,
    after_step: Callable[[int, dict[str, float]], None],
    kept: KeptStates | None = None,
) -> None:
    """Every arm takes every step on the same batch; `after_step` is given the step's number and each arm's loss.

    Their encoders must be shown identical beforehand: the first one's states serve all. `teacher` is the unconverted
    model, or None where labels are learnt from; `kept` spares encoding a clip again. Raises BenchError where a loss is
    not finite.
    """
    encoder = next(iter(trainees.values())).model.get_encoder().eval()
    for step in steps:
        batch = batch_of(step)
        states, target = _prepare(encoder, teacher, batch, kept)
        losses = {}
        for name, trainee in trainees.items():
            torch.manual_seed(_seed_of(seed, step))  # dropout: the same for every arm, and after a resume
            try:
                losses[name] = trainee.step(states, batch.labels.to(states.device), target)
            except FloatingPointError as error:
                raise _diverged(name, f"the loss or its gradient is {error} at step {step}") from None
        after_step(step, losses)


def require_finite(trainees: Mapping[str, Trainee]) -> None:
    """Raises BenchError where an arm's weights are no numbers any more."""
    for name, trainee in trainees.items():
        try:
            trainee.require_finite()
        except FloatingPointError:
            raise _diverged(name, "its weights are no numbers any more") from None


def _diverged(name: str, what: str) -> BenchError:
    return BenchError(
        f"arm {name}: {what}; the last good checkpoint is kept to look at; remove it and lower "
        "recovery.learning_rate, or mend the training clips"
    )


def _seed_of(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1)[0])


@torch.no_grad()
def _prepare(encoder: Any, teacher: Any, batch: Batch, kept: KeptStates | None) -> tuple[Tensor, Tensor | None]:
    """Encoder states, and what the teacher says of the labels."""
    device = next(encoder.parameters()).device

    def encode() -> Tensor:
        states: Tensor = encoder(batch.read().to(device)).last_hidden_state
        return states

    states = encode() if kept is None else kept.of(batch.clips, encode).to(device)
    if teacher is None:
        return states, None
    outputs = BaseModelOutput(last_hidden_state=states)
    return states, teacher(encoder_outputs=outputs, labels=batch.labels.to(device)).logits


def distance(logits: Tensor, teacher: Tensor, labels: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence, teacher to student, in nats a token that is learnt from."""
    learnt = labels != IGNORED
    student, target = logits[learnt].float().log_softmax(-1), teacher[learnt].float().log_softmax(-1)
    return nn.functional.kl_div(student, target, reduction="batchmean", log_target=True)


def warmup_cosine(step: int, steps: int, warmup_steps: int) -> float:
    """Factor of the learning rate: linear up to 1, then a cosine down to 0."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return 0.5 * (1 + math.cos(math.pi * (step - warmup_steps) / max(1, steps - warmup_steps)))
