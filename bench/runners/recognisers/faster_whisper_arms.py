"""Arms that faster-whisper decodes, on CTranslate2: greedy, with everything off that it does beyond that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio
from bench.languages import code_of
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block, gpu_name
from bench.runners.clips import Clip, fit_window
from bench.runners.recognisers.ctranslate2_files import CTranslate2Source, find_folder, installed
from bench.runners.recognisers.faster_whisper_loading import load_model, one_line
from bench.runners.recognisers.foreign import OneArm, foreign_settings, heard_through
from bench.runners.recognisers.protocol import Advance, Recognised, Transcript
from bench.suite import ArmSpec, DecodeSpec, Suite

GREEDY = {
    **{"task": "transcribe", "beam_size": 1, "best_of": 1, "temperature": 0.0},
    **{"compression_ratio_threshold": None, "log_prob_threshold": None, "no_speech_threshold": None},
    **{"condition_on_previous_text": False, "vad_filter": False, "word_timestamps": False},
}
"""No fallback, no skipped silence, no earlier text, no detection of speech."""


@dataclass(frozen=True, eq=False)
class FasterWhisperRecogniser(OneArm):
    """One loaded folder; clips one after the other."""

    source: CTranslate2Source
    settings: DecodeSpec
    model: Any

    def recognise(
        self, block: Block, clips: Sequence[Clip], arm_ids: Sequence[str], advance: Advance
    ) -> Iterator[Recognised]:
        clips = fit_window(clips, self.source.window(), self.settings.long_clips)
        transcripts: list[Transcript | None] = []
        for clip in clips:
            transcripts.append(None if clip.audio is None else self.transcribe(clip.audio, block.language))
            advance(1)
        yield Recognised(self.source.spec.id, clips, transcripts)

    def transcribe(self, audio: Audio, language: str) -> Transcript:
        """Window after window, by its own timestamps, where a clip is longer than one."""
        long = len(audio) > self.source.window()
        suppressed, most = self.source.suppressed(), self.settings.max_new_tokens
        with one_line(self.source):
            segments, _ = self.model.transcribe(
                audio,
                language=code_of(language),
                without_timestamps=not long,
                max_new_tokens=_budget(most, self._prompt_tokens(timestamps=long)),
                suppress_tokens=suppressed.get("suppress_tokens", []),
                suppress_blank="begin_suppress_tokens" in suppressed,
                **GREEDY,
            )
            heard = list(segments)
        end = self.model.hf_tokenizer.token_to_id("<|endoftext|>")
        tokens = sum(token < end for segment in heard for token in segment.tokens)
        text = "".join(segment.text for segment in heard).strip()
        return Transcript(text, tokens, "eos" if long or tokens < most else "budget")

    def _prompt_tokens(self, timestamps: bool) -> int:
        """Start, language and task where they are told, no timestamps."""
        return (3 if self.model.model.is_multilingual else 1) + (not timestamps)


def _budget(most: int, prompt: int) -> int:
    """What faster-whisper is to be told so that `most` new tokens are allowed.

    It adds the prompt's, and of the sum CTranslate2 lets at most half be new.
    """
    return max(2 * most - prompt, most)


class FasterWhisperRunner:
    """CTranslate2 folders."""

    def find(self, suite: Suite, spec: ArmSpec) -> CTranslate2Source:
        return find_folder(spec)

    def window(self, source: CTranslate2Source) -> int | None:
        return source.window()

    def asked(self, decode: DecodeSpec, spec: ArmSpec) -> dict[str, Any]:
        return foreign_settings(decode, spec.runner) | {
            "device": decode.device,
            "compute_type": spec.compute_type or decode.dtype,
            "batch": 1,
            "max_new_tokens": decode.max_new_tokens,
            "beams": 1,
            "temperature": 0,
        }

    def settings(self, decode: DecodeSpec, source: CTranslate2Source) -> DecodeSettings:
        known = self.asked(decode, source.spec) | heard_through()
        return DecodeSettings(
            **known,
            generation=source.suppressed(),
            faster_whisper=installed(source.spec, "faster-whisper"),
            ctranslate2=installed(source.spec, "ctranslate2"),
            gpu=gpu_name() if decode.device == "cuda" else None,
        )

    def load(self, suite: Suite, sources: Sequence[CTranslate2Source]) -> list[FasterWhisperRecogniser]:
        return [_load(suite, source) for source in sources]

    def describe(self, suite: Suite, source: CTranslate2Source) -> str:
        """Loads it where it is to be decoded: what it can compute in depends on that."""
        computed = _load(suite, source).model.model.compute_type
        return f"{source.spec.model} loads, computes in {computed}"


def _load(suite: Suite, source: CTranslate2Source) -> FasterWhisperRecogniser:
    """Raises BenchError for what it cannot do; what would fail at the first clip fails here."""
    recogniser = FasterWhisperRecogniser(source, suite.decode_of(source.spec), load_model(suite, source))
    recogniser.transcribe(np.zeros(SAMPLE_RATE, dtype=np.float32), suite.languages[0])
    return recogniser
