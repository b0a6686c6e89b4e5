"""Exact conversion is lossless in exact arithmetic: how often does it say something else in half precision?"""

from typing import Any

import pandas as pd
import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from bench.arms import Arm, find_arm, load_arm
from bench.conversion.clips import encode_clips
from bench.corpora import load_corpus
from bench.mla.moments import Taught
from bench.runners.greedy import decode
from bench.suite import ArmSpec, DecodeSpec, load_suite

DTYPES = ("float32", "float16", "bfloat16")
CLIPS = 30
"""Of each language."""


def measure_agreement(model: str) -> pd.DataFrame:
    """A row a dtype: shares, in per cent, of transcripts and of teacher-forced next tokens that are the original's."""
    demo = load_suite("demo")
    corpus = load_corpus(demo.corpus.model_copy(update={"utterances": CLIPS}), demo.languages, demo.seed)
    control = ArmSpec(name="control", model=model)
    exact = ArmSpec(name="exact", model="exact:control")
    rows = []
    for dtype in DTYPES:
        settings = demo.decode.model_copy(update={"dtype": dtype})
        pair = [load_arm(find_arm(spec, control), settings, demo.languages) for spec in (control, exact)]
        counts = _Counts()
        for utterances in corpus.utterances.values():
            for taught in encode_clips(pair[0], utterances, lambda _: None):
                counts.add(*(_say(arm, taught, settings) for arm in pair))
        rows.append({"model": model, "dtype": dtype, **counts.shares()})
    return pd.DataFrame(rows)


@torch.inference_mode()
def _say(arm: Arm, taught: Taught, settings: DecodeSpec) -> tuple[str, Tensor]:
    """The transcript, and the likeliest token after each one of the reference, its first and its end among them."""
    outputs = BaseModelOutput(last_hidden_state=taught.states)
    logits = arm.model(encoder_outputs=outputs, decoder_input_ids=taught.ids, use_cache=False).logits
    return decode(arm, taught.states, taught.language, settings.max_new_tokens)[0].text, logits[
        0, arm.vocabulary.prompt_tokens - 1 :
    ].argmax(-1)


class _Counts:
    """Adds up what agrees."""

    def __init__(self) -> None:
        self.clips = self.same_clips = self.tokens = self.same_tokens = 0

    def add(self, one: tuple[str, Tensor], other: tuple[str, Tensor]) -> None:
        self.clips += 1
        self.same_clips += one[0] == other[0]
        self.tokens += len(one[1])
        self.same_tokens += int((one[1] == other[1]).sum())

    def shares(self) -> dict[str, Any]:
        return {
            "clips": self.clips,
            "transcripts_equal": 100 * self.same_clips / self.clips,
            "tokens": self.tokens,
            "tokens_equal": 100 * self.same_tokens / self.tokens,
        }
