"""Ways to decode the same clips: all arms together, as we do; each alone, by `generate` or transformers' pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from transformers import pipeline

from bench.arms import Arm
from bench.audio import SAMPLE_RATE, Audio
from bench.features import log_mel
from bench.runners.greedy import encode, read_tokens
from bench.runners.recognisers.faster_whisper_arms import FasterWhisperRecogniser
from bench.runners.search import Crosses, Drafts, Searcher

LOG_MEL, ENCODER, TEXT = "log-mel", "encoder", "text"
"""Steps of `bench run` that are no arm's own."""


@dataclass
class Clock:
    """Seconds by what they were spent on: of the processor, whatever else it does; on a GPU those that passed."""

    gpu: bool
    seconds: dict[str, float] = field(default_factory=dict)

    def time(self, what: str, work: Callable[[], Any]) -> Any:
        """Whatever it returns."""
        began = self._now()
        result = work()
        self.seconds[what] = self.seconds.get(what, 0.0) + self._now() - began
        return result

    def _now(self) -> float:
        if not self.gpu:
            return time.process_time()
        torch.cuda.synchronize()
        return time.perf_counter()


@torch.inference_mode()
def decode_together(
    searchers: Sequence[Searcher], clips: Sequence[Audio], language: str, clock: Clock
) -> dict[str, list[str]]:
    """As a run decodes a batch of arms that share their encoder. Texts by arm id."""
    arms = [searcher.arm for searcher in searchers]
    features = clock.time(LOG_MEL, partial(log_mel, arms[0].extractor, clips, arms[0].model.device))
    states = clock.time(ENCODER, partial(encode, arms[0], features))
    crosses = Crosses(arms)
    said: dict[str, list[list[int]]] = {}
    texts: dict[str, list[str]] = {}
    for searcher in searchers:
        name, budget = searcher.arm.source.spec.id, searcher.arm.settings.max_new_tokens
        drafts: list[Drafts] = [{other: rows[i] for other, rows in said.items()} for i in range(len(clips))]
        cross = crosses.take(searcher.arm)
        said[name] = clock.time(name, partial(searcher.decode, states, language, budget, drafts, cross))
        crosses.leave(searcher.arm, cross)
        hypotheses = clock.time(TEXT, partial(read_tokens, searcher.arm, said[name], budget))
        texts[name] = [hypothesis.text for hypothesis in hypotheses]
    return texts


@torch.inference_mode()
def decode_alone(arm: Arm, clips: Sequence[Audio], language: str) -> list[str]:
    """From audio to text by the model's own `generate`, the whole batch at once."""
    features = log_mel(arm.extractor, clips, arm.model.device).to(arm.model.dtype)
    cache = arm.new_cache()
    tokens = arm.model.generate(
        features,
        return_timestamps=False,
        max_new_tokens=arm.settings.max_new_tokens,
        **({} if cache is None else {"past_key_values": cache}),
        **arm.vocabulary.asked(language),
    )
    return [text.strip() for text in arm.tokenizer.batch_decode(tokens, skip_special_tokens=True)]


def transcribe_all(recogniser: FasterWhisperRecogniser, clips: Sequence[Audio], language: str) -> list[str]:
    """One clip after the other, as faster-whisper takes them."""
    return [recogniser.transcribe(clip, language).text for clip in clips]


def make_pipeline(arm: Arm) -> Callable[[Sequence[Audio], str], list[str]]:
    """Transformers' pipeline around the loaded model, greedy: its own default is five beams."""
    recognise = pipeline(
        "automatic-speech-recognition",
        model=arm.model,
        tokenizer=arm.tokenizer,
        feature_extractor=arm.extractor,
        device=arm.model.device,
    )

    def decode(clips: Sequence[Audio], language: str) -> list[str]:
        asked = {"max_new_tokens": arm.settings.max_new_tokens, "num_beams": 1, **arm.vocabulary.asked(language)}
        audio = [{"raw": clip, "sampling_rate": SAMPLE_RATE} for clip in clips]
        heard = recognise(audio, batch_size=len(clips), generate_kwargs=asked)
        return [str(each["text"]).strip() for each in heard]

    return decode
