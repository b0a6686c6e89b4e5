"""From files to a model that can decode what the suite asks for, or to one line that says why not."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    AutoModelForSpeechSeq2Seq,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizerFast,
)
from transformers.utils import logging as transformers_logging

from bench.arms.finding import ArmSource
from bench.arms.fingerprints import hash_encoder
from bench.errors import BenchError
from bench.mla.modeling_whisper_mla import WhisperMLAForConditionalGeneration
from bench.suite import DecodeSpec

ATTENTION = "sdpa"
PROMPT_TOKENS = 4
"""<|startoftranscript|>, language, task, <|notimestamps|>."""
FRAMES_PER_POSITION = 2
"""The encoder's second convolution halves the number of log-mel frames."""

UNLOADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError)
"""What transformers raises, depending on the version, over files that are missing, cut short or inconsistent."""


@dataclass(frozen=True)
class Arm:
    """A loaded arm. Arms of equal `encoder_key` turn the same audio into the same encoder states."""

    source: ArmSource
    model: Any
    extractor: WhisperFeatureExtractor
    tokenizer: WhisperTokenizerFast
    encoder_key: str


def load_arm(source: ArmSource, decode: DecodeSpec, languages: Sequence[str]) -> Arm:
    """Loads in the suite's dtype, on its device. Raises BenchError where the arm cannot do what the suite asks."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    model_class = _model_class(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, loading = model_class.from_pretrained(
                source.folder,
                attn_implementation=ATTENTION,
                use_safetensors=not source.spec.allow_pickle or None,
                output_loading_info=True,
                **({"trust_remote_code": True} if source.spec.trust_remote_code else {}),
            )
            extractor = WhisperFeatureExtractor.from_pretrained(source.folder)
            tokenizer = WhisperTokenizerFast.from_pretrained(source.folder)
    except UNLOADABLE as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} does not load: {reason}; export the model anew"
        ) from None
    if missing := sorted(loading["missing_keys"]):
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} lacks weights ({missing[0]}, …); export the model anew"
        )
    _require_consistent(source, model, extractor, tokenizer)
    _require_suitable(source, model, decode, languages)
    model = model.to(getattr(torch, decode.dtype)).to(require_device(decode.device)).eval()
    return Arm(source, model, extractor, tokenizer, hash_encoder(model, extractor, ATTENTION))


def require_device(name: str) -> torch.device:
    """The device that the suite names: used or refused."""
    if name == "cuda" and not torch.cuda.is_available():
        raise BenchError('decode.device = "cuda": no CUDA GPU here; set device = "cpu" or run where there is one')
    return torch.device(name)


def _model_class(source: ArmSource) -> Any:
    config = source.read_json("config.json")
    if source.spec.trust_remote_code:
        return AutoModelForSpeechSeq2Seq
    if "auto_map" in config:
        raise BenchError(
            f"arm {source.spec.id}: {source.folder} runs code of its own; set trust_remote_code = true "
            "if you have read it"
        )
    if WhisperMLAForConditionalGeneration.__name__ in (config.get("architectures") or []):
        return WhisperMLAForConditionalGeneration
    return WhisperForConditionalGeneration


def _require_consistent(
    source: ArmSource, model: Any, extractor: WhisperFeatureExtractor, tokenizer: WhisperTokenizerFast
) -> None:
    """Front end, tokenizer and model belong together. A tokenizer left out would load empty and decode to nothing."""
    frames = FRAMES_PER_POSITION * model.config.max_source_positions
    if extractor.nb_max_frames != frames or extractor.feature_size != model.config.num_mel_bins:
        raise BenchError(
            f"arm {source.spec.id}: preprocessor_config.json in {source.folder} makes {extractor.feature_size} x "
            f"{extractor.nb_max_frames} features, the model takes {model.config.num_mel_bins} x {frames}; copy its own"
        )
    expected = {"<|startoftranscript|>": model.config.decoder_start_token_id}
    expected |= getattr(model.generation_config, "lang_to_id", None) or {}
    wrong = [token for token, number in expected.items() if tokenizer.convert_tokens_to_ids(token) != number]
    if wrong:
        raise BenchError(
            f"arm {source.spec.id}: the tokenizer in {source.folder} is missing or another model's ({wrong[0]} has "
            "another id); copy the model's own tokenizer.json"
        )


def _require_suitable(source: ArmSource, model: Any, decode: DecodeSpec, languages: Sequence[str]) -> None:
    room = model.config.max_target_positions - PROMPT_TOKENS
    if decode.max_new_tokens > room:
        raise BenchError(
            f"decode.max_new_tokens = {decode.max_new_tokens}: arm {source.spec.id} has room for at most {room}"
        )
    last_text_token = getattr(model.generation_config, "no_timestamps_token_id", None) or model.config.vocab_size
    if decode.long_clips == "sequential" and last_text_token + 1 >= model.config.vocab_size:
        raise BenchError(
            f'decode.long_clips = "sequential": arm {source.spec.id} has no timestamp tokens to cut long clips at; set '
            '"refuse" or "truncate"'
        )
    known = getattr(model.generation_config, "lang_to_id", None)
    if not known:
        raise BenchError(
            f"arm {source.spec.id}: generation_config.json in {source.folder} is missing or names no languages; copy "
            "the base model's (an English-only Whisper has none: a multilingual one is needed)"
        )
    if unknown := [language for language in languages if f"<|{language}|>" not in known]:
        raise BenchError(
            f"languages: arm {source.spec.id} has no token for {', '.join(unknown)}; take them out or change the arm"
        )
