"""Greedy decoding of one batch by one arm, from encoder states that several arms may share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import Arm, reading_files
from bench.audio import SAMPLE_RATE, Audio
from bench.errors import BenchError
from bench.features import clips_at_once


@dataclass(frozen=True)
class Hypothesis:
    """Decoded text, its tokens without prompt and end, and whether the end (eos) or the token budget stopped it."""

    text: str
    ids: tuple[int, ...]
    finish: str

    @property
    def tokens(self) -> int:
        return len(self.ids)


@torch.inference_mode()
def encode(arm: Arm, features: Tensor) -> Tensor:
    """(clips, mel bands, frames) to encoder states (clips, positions, width), in the arm's dtype.

    Raises BenchError for states that are no numbers, from which any arm would decode a row of "!".
    """
    encoder, features = arm.model.get_encoder(), features.to(arm.model.dtype)
    size = clips_at_once(arm.model.config.max_source_positions, features.device)
    states = torch.cat([encoder(part).last_hidden_state for part in features.split(size)])
    if not bool(torch.isfinite(states).all()):
        raise BenchError(
            f"arm {arm.source.spec.id}: its encoder makes states that are no {arm.model.dtype} numbers; set another "
            "dtype, or take the arm out"
        )
    return states


@torch.inference_mode()
def generate(arm: Arm, states: Tensor, language: str, max_new_tokens: int, cache: Any) -> list[list[int]]:
    """The tokens of each row, without prompt and end: transformers' own greedy search, language and task forced.

    `cache`: what it is to fill; None where the model makes its own.
    """
    sequences = arm.model.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=states),
        return_timestamps=False,
        max_new_tokens=max_new_tokens,
        **({} if cache is None else {"past_key_values": cache}),
        **arm.vocabulary.asked(language),
    )
    prompt = arm.vocabulary.prompt(language)
    rows = sequences.tolist()
    after = len(prompt) if all(row[: len(prompt)] == prompt for row in rows) else 0  # transformers 4 returns it too
    return [_until_end(arm, row[after:]) for row in rows]


def read_tokens(arm: Arm, rows: Sequence[Sequence[int]], max_new_tokens: int) -> list[Hypothesis]:
    """One hypothesis a row of tokens without prompt and end."""
    texts = arm.tokenizer.batch_decode(rows, skip_special_tokens=True)
    return [
        Hypothesis(text.strip(), tuple(tokens), "eos" if len(tokens) < max_new_tokens else "budget")
        for text, tokens in zip(texts, rows, strict=True)
    ]


def decode(arm: Arm, states: Tensor, language: str, max_new_tokens: int) -> list[Hypothesis]:
    """One hypothesis a row, by transformers alone: what every faster way has to say."""
    return read_tokens(arm, generate(arm, states, language, max_new_tokens, arm.new_cache()), max_new_tokens)


def try_decoding(arm: Arm, language: str) -> None:
    """What would fail at the first clip fails here, before hours of work. Raises BenchError."""
    with reading_files(arm.source.spec.id, arm.source.folder):
        decode(arm, arm.silence(), language, max_new_tokens=2)


@torch.inference_mode()
def decode_long(arm: Arm, audio: Audio, language: str, max_new_tokens: int) -> Hypothesis:
    """Audio longer than the window, by transformers' own sequential decoding: window after window, cut at timestamps.

    Greedy, no fallback, earlier text not given to later windows. The token budget is each window's; the end is always
    called eos, since the audio, not the budget, ends such a hypothesis.
    """
    features = arm.extractor(
        audio,
        sampling_rate=SAMPLE_RATE,
        truncation=False,
        padding="longest",
        return_attention_mask=True,
        return_tensors="pt",
    )
    sequence = arm.model.generate(
        features.input_features.to(arm.model.device, arm.model.dtype),
        attention_mask=features.attention_mask.to(arm.model.device),
        return_timestamps=True,
        condition_on_prev_tokens=False,
        max_new_tokens=max_new_tokens,
        **arm.vocabulary.asked(language),
    )[0].tolist()
    timestamps = (arm.vocabulary.no_timestamps or arm.model.config.vocab_size) + 1
    kept = [token for token in sequence if token < timestamps and token != arm.vocabulary.end]
    return Hypothesis(arm.tokenizer.decode(kept, skip_special_tokens=True).strip(), tuple(kept), "eos")


def _until_end(arm: Arm, tokens: Sequence[int]) -> list[int]:
    """What follows the end only pads a shorter row of the batch."""
    return list(takewhile(lambda token: token != arm.vocabulary.end, tokens))
