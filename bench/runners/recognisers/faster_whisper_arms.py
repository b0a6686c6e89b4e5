"""Arms that faster-whisper decodes, on CTranslate2: greedy, with everything off that it does beyond that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.audio import SAMPLE_RATE, Audio
from bench.errors import BenchError
from bench.languages import code_of
from bench.manifest import DecodeSettings
from bench.runners.blocks import Block, gpu_name
from bench.runners.clips import Clip, fit_window
from bench.runners.recognisers.ctranslate2_files import CTranslate2Source, find_folder, installed
from bench.runners.recognisers.protocol import Advance, Recognised, Recogniser, Transcript
from bench.runners.recognisers.unknown import foreign_settings, heard_through
from bench.suite import ArmSpec, DecodeSpec, Suite

POSITIONS = 448
"""Of the decoder, as faster-whisper has it for every model. CTranslate2 lets text fill half of what it is given."""
ALIASES = {"int8": ("int8_float32", "int8_float16", "int8_bfloat16")}
"""What a compute type stands for: int8 weights, the rest in what the machine does best."""
GREEDY = {
    **{"task": "transcribe", "beam_size": 1, "best_of": 1, "temperature": 0.0},
    **{"compression_ratio_threshold": None, "log_prob_threshold": None, "no_speech_threshold": None},
    **{"condition_on_previous_text": False, "vad_filter": False, "word_timestamps": False},
}
"""No fallback, no skipped silence, no earlier text, no detection of speech."""


@dataclass(frozen=True, eq=False)
class FasterWhisperRecogniser:
    """One loaded folder; clips one after the other."""

    source: CTranslate2Source
    settings: DecodeSpec
    model: Any

    @property
    def arm_ids(self) -> tuple[str, ...]:
        return (self.source.spec.id,)

    def notes(self) -> Iterator[str]:
        return iter(())

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
        with _one_line(self.source):
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


@contextmanager
def _one_line(source: CTranslate2Source) -> Iterator[None]:
    """Makes one line of whatever the two libraries raise."""
    try:
        yield
    except BenchError:
        raise
    except Exception as error:  # noqa: BLE001 -- of C++ underneath
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(f"arm {source.spec.id}: {source.folder}: faster-whisper says: {reason}") from None


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

    def load(self, suite: Suite, sources: Sequence[CTranslate2Source]) -> list[Recogniser]:
        return [load_folder(suite, source) for source in sources]

    def describe(self, suite: Suite, source: CTranslate2Source) -> str:
        """Loads it where it is to be decoded: what it can compute in depends on that."""
        computed = load_folder(suite, source).model.model.compute_type
        return f"{source.spec.model} loads, computes in {computed}"


def load_folder(suite: Suite, source: CTranslate2Source) -> FasterWhisperRecogniser:
    """Raises BenchError for a device, compute type, language or budget that it cannot have: none is replaced."""
    decode, spec = suite.decode_of(source.spec), source.spec
    compute_type = spec.compute_type or decode.dtype
    _require_computable(spec, decode.device, compute_type)
    if decode.max_new_tokens > POSITIONS // 2:
        raise BenchError(
            f"decode.max_new_tokens = {decode.max_new_tokens}: arm {spec.id} has room for at most {POSITIONS // 2} in "
            "CTranslate2"
        )
    with _one_line(source):
        from faster_whisper import WhisperModel

        model = WhisperModel(str(source.folder), device=decode.device, compute_type=compute_type, local_files_only=True)
    loaded = model.model
    if loaded.compute_type not in (compute_type, *ALIASES.get(compute_type, ())) or loaded.device != decode.device:
        raise BenchError(
            f'arm {spec.id}: compute_type = "{compute_type}" on {decode.device} would become {loaded.compute_type} on '
            f"{loaded.device}; say so, or choose another"
        )
    _require_consistent(source, model, suite.languages)
    recogniser = FasterWhisperRecogniser(source, decode, model)
    silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
    recogniser.transcribe(silence, suite.languages[0])  # what fails at the first clip fails here
    return recogniser


def _require_computable(spec: ArmSpec, device: str, compute_type: str) -> None:
    import ctranslate2

    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise BenchError(
            f'decode.device = "cuda": arm {spec.id}: CTranslate2 sees no CUDA GPU here; set device = "cpu" or run '
            "where there is one"
        )
    able = ctranslate2.get_supported_compute_types(device)
    if compute_type not in able:
        raise BenchError(
            f'arm {spec.id}: compute_type = "{compute_type}": this {device} computes in {", ".join(sorted(able))}; '
            "choose one of them, or run where it can"
        )


def _require_consistent(source: CTranslate2Source, model: Any, languages: Sequence[str]) -> None:
    """Front end, tokenizer and model belong together, and the model speaks the suite's languages."""
    bands = len(model.feature_extractor.mel_filters)
    if bands != model.model.n_mels:
        raise BenchError(
            f"arm {source.spec.id}: preprocessor_config.json in {source.folder} makes {bands} mel bands (80 where "
            f"there is none), the model takes {model.model.n_mels}; copy the model's own"
        )
    ids = {token: model.hf_tokenizer.token_to_id(f"<|{token}|>") for token in ("startoftranscript", "endoftext")}
    known = set(source.read_json("config.json").get("lang_ids") or ())
    spoken = {name: model.hf_tokenizer.token_to_id(f"<|{name}|>") for name in model.supported_languages}
    if None in ids.values() or (model.model.is_multilingual and known and not known & set(spoken.values())):
        raise BenchError(
            f"arm {source.spec.id}: the tokenizer in {source.folder} is another model's; copy the model's own "
            "tokenizer.json"
        )
    if not model.model.is_multilingual:
        if others := [language for language in languages if code_of(language) != "en"]:
            raise BenchError(
                f"languages: arm {source.spec.id} is English-only and cannot be asked for {', '.join(others)}; take "
                "them out"
            )
        return
    speaks = {name for name, token in spoken.items() if token is not None and (not known or token in known)}
    if unknown := [language for language in languages if code_of(language) not in speaks]:
        raise BenchError(
            f"languages: arm {source.spec.id} has no token for {', '.join(unknown)}; take them out or change the arm"
        )
