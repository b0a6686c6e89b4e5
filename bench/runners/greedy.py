"""Greedy decoding of one batch by one arm, from encoder states that several arms may share."""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import Arm


@dataclass(frozen=True)
class Hypothesis:
    """Decoded text, its tokens without prompt and end, and whether the end (eos) or the token budget stopped it."""

    text: str
    tokens: int
    finish: str


@torch.inference_mode()
def encode(arm: Arm, features: Tensor) -> Tensor:
    """(clips, mel bands, frames) to encoder states (clips, positions, width), in the arm's dtype."""
    states: Tensor = arm.model.get_encoder()(features.to(arm.model.dtype)).last_hidden_state
    return states


@torch.inference_mode()
def decode(arm: Arm, states: Tensor, language: str, max_new_tokens: int) -> list[Hypothesis]:
    """One hypothesis a row: transformers' own greedy search, language and task forced, no fallback."""
    sequences = arm.model.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=states),
        language=language,
        task="transcribe",
        return_timestamps=False,
        num_beams=1,
        do_sample=False,
        max_new_tokens=max_new_tokens,
    )
    end = arm.tokenizer.eos_token_id
    kept = [[token for token in row if token not in (end, arm.tokenizer.pad_token_id)] for row in sequences.tolist()]
    texts = arm.tokenizer.batch_decode(kept, skip_special_tokens=True)
    return [
        Hypothesis(text.strip(), len(tokens), "eos" if len(tokens) < max_new_tokens else "budget")
        for text, tokens in zip(texts, kept, strict=True)
    ]
