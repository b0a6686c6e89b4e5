"""From files to a model that can decode what the suite asks for, or to one line that says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import WhisperFeatureExtractor, WhisperTokenizerFast
from transformers.utils import logging as transformers_logging

from bench.arms.finding import ArmSource
from bench.arms.fingerprints import hash_encoder
from bench.arms.opening import ATTENTION, open_model, reading_files
from bench.errors import BenchError
from bench.mla.int8 import new_int8_cache
from bench.mla.layout import held_bytes
from bench.mla.shapes import read_shapes
from bench.suite import DecodeSpec
from bench.suite.prompt import PROMPT_TOKENS

FRAMES_PER_POSITION = 2
"""The encoder's second convolution halves the number of log-mel frames."""


@dataclass(frozen=True)
class Arm:
    """A loaded arm. Arms of equal `encoder_key` turn the same audio into the same encoder states."""

    source: ArmSource
    model: Any
    extractor: WhisperFeatureExtractor
    tokenizer: WhisperTokenizerFast
    encoder_key: str

    def new_cache(self) -> Any:
        """What one call of the model or its `generate` is to fill; None where it makes its own."""
        return new_int8_cache() if self.source.spec.kv == "int8" else None


def load_arm(source: ArmSource, decode: DecodeSpec, languages: Sequence[str]) -> Arm:
    """Loads in the suite's dtype, on its device. Raises BenchError where the arm cannot do what the suite asks."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    with reading_files(source):
        extractor = WhisperFeatureExtractor.from_pretrained(source.folder)
        tokenizer = WhisperTokenizerFast.from_pretrained(source.folder)
    model = open_model(source)
    _require_consistent(source, model, extractor, tokenizer)
    _require_suitable(source, model, decode, languages)
    model = model.to(getattr(torch, decode.dtype)).to(require_device(decode.device)).eval()
    arm = Arm(source, model, extractor, tokenizer, hash_encoder(model, extractor, ATTENTION))
    _require_cache_used(arm)
    return arm


def require_device(name: str) -> torch.device:
    """The device that the suite names: used or refused."""
    if name == "cuda" and not torch.cuda.is_available():
        raise BenchError('decode.device = "cuda": no CUDA GPU here; set device = "cpu" or run where there is one')
    return torch.device(name)


@torch.inference_mode()
def _require_cache_used(arm: Arm) -> None:
    """A model whose code keeps a cache of its own would be measured as if it were quantised."""
    cache = arm.new_cache()
    if cache is None:
        return
    config, placed = arm.model.config, {"device": arm.model.device}
    states = torch.zeros(1, config.max_source_positions, config.d_model, dtype=arm.model.dtype, **placed)
    ids = torch.full((1, 2), config.decoder_start_token_id, **placed)
    with reading_files(arm.source):
        arm.model(encoder_outputs=(states,), decoder_input_ids=ids, past_key_values=cache, use_cache=True)
    held = held_bytes(cache)
    latents = read_shapes({name: tensor.shape for name, tensor in arm.model.state_dict().items()})
    attends_states = "cross" in latents and latents["cross"]["rank"] is None  # nothing of it is to be cached
    if not held.own or not (held.cross or attends_states):
        raise BenchError(f'arm {arm.source.spec.id}: kv = "int8": its code does not use the cache it is given')


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
    if decode.long_clips == "sequential" and source.spec.kv is not None:
        raise BenchError(
            f'decode.long_clips = "sequential": arm {source.spec.id} has kv = "int8", whose cache serves one window; '
            'set "refuse" or "truncate"'
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
