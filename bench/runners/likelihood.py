"""How likely an arm finds the references: a companion of the error rate that often tells arms apart sooner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import IGNORED, Arm


@dataclass(frozen=True)
class Likelihood:
    """Negative log-likelihood in nats, summed over that many tokens, the end of text among them."""

    nll: float
    tokens: int


@torch.inference_mode()
def score_references(
    arm: Arm, states: Tensor, references: Sequence[str], language: str, cache: Any
) -> list[Likelihood]:
    """Teacher-forced, one a row of the encoder states (clips, positions, width): each token given the true ones before.

    `cache`: what the model is to fill, and may read where the audio's part is full; None where it needs none.
    References are tokenised as they stand, as in fine-tuning; what a decoder has no positions for is left out.
    """
    inputs, labels = teach(arm, references, language)
    outputs = arm.model(
        encoder_outputs=BaseModelOutput(last_hidden_state=states),
        decoder_input_ids=inputs.to(states.device),
        past_key_values=cache,
        use_cache=cache is not None,
    )
    logits = outputs.logits.float().transpose(1, 2)
    losses = torch.nn.functional.cross_entropy(logits, labels.to(states.device), ignore_index=IGNORED, reduction="none")
    counts = (labels != IGNORED).sum(dim=1).tolist()
    return [Likelihood(nll, count) for nll, count in zip(losses.double().sum(dim=1).tolist(), counts, strict=True)]


def teach(arm: Arm, references: Sequence[str], language: str) -> tuple[Tensor, Tensor]:
    """Decoder inputs (prompt, then reference) and what each position should say, padded to one length."""
    prompt = arm.vocabulary.prompt(language)
    end, room = arm.vocabulary.end, arm.model.config.max_target_positions - len(prompt)
    texts = [ids[:room] for ids in arm.tokenizer(list(references), add_special_tokens=False).input_ids]
    width = max(map(len, texts))
    inputs = torch.tensor([[*prompt, *text, *[end] * (width - len(text))] for text in texts])
    silent = [IGNORED] * (len(prompt) - 1)
    ends = [end if len(text) < room else IGNORED for text in texts]
    rows = zip(texts, ends, strict=True)
    labels = torch.tensor([[*silent, *text, last, *[IGNORED] * (width - len(text))] for text, last in rows])
    return inputs, labels
