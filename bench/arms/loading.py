"""From files to a model that can decode what the suite asks for, or to one line that says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from transformers import WhisperFeatureExtractor, WhisperTokenizerFast
from transformers.utils import logging as transformers_logging

from bench.arms.fingerprints import hash_cross, hash_encoder
from bench.arms.opening import open_model
from bench.arms.reading import read_extractor, read_tokenizer, reading_files
from bench.arms.source import ArmSource
from bench.arms.vocabulary import Vocabulary
from bench.errors import BenchError
from bench.features import window_samples
from bench.mla.int8 import new_int8_cache
from bench.mla.layout import held_bytes
from bench.mla.shapes import read_shapes
from bench.suite import DecodeSpec

FRAMES_PER_POSITION = 2
"""The encoder's second convolution halves the number of log-mel frames."""


@dataclass(frozen=True)
class Arm:
    """A loaded arm. Arms of equal `encoder_key` turn the same audio into the same encoder states.

    Its model's generation config is the vocabulary's: nothing but greedy search. `settings`: how it is decoded.
    """

    source: ArmSource
    settings: DecodeSpec
    model: Any
    extractor: WhisperFeatureExtractor
    tokenizer: WhisperTokenizerFast
    vocabulary: Vocabulary
    encoder_key: str

    @cached_property
    def cross_key(self) -> str:
        """Arms of equal ones, given the same encoder states, cache the same in cross-attention, but for `kv`."""
        return hash_cross(self.model, self.settings.attention)

    def new_cache(self) -> Any:
        """What one call of the model or its `generate` is to fill; None where it makes its own."""
        return new_int8_cache() if self.source.spec.kv == "int8" else None

    def silence(self) -> torch.Tensor:
        """Encoder states of nothing, (1, positions, width), to try the decoder with."""
        config, placed = self.model.config, {"dtype": self.model.dtype, "device": self.model.device}
        return torch.zeros(1, config.max_source_positions, config.d_model, **placed)


def read_window(source: ArmSource) -> int:
    """The samples that the model takes in at once, read without loading it."""
    extractor = read_extractor(source.spec.id, source.folder)
    return window_samples(extractor)


def load_arm(source: ArmSource, decode: DecodeSpec, languages: Sequence[str]) -> Arm:
    """Loads in the suite's dtype, on its device. Raises BenchError where the arm cannot do what the suite asks."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    extractor = read_extractor(source.spec.id, source.folder)
    tokenizer, vocabulary = read_tokenizer(source.spec.id, source.folder)
    model = open_model(source, decode.attention)
    _require_consistent(source, model, extractor, vocabulary)
    _require_suitable(source, model, vocabulary, decode, languages)
    model.generation_config = vocabulary.generation_config(
        source.generation_settings(), model.config.max_target_positions
    )
    model = model.to(getattr(torch, decode.dtype)).to(require_device(decode.device)).eval()
    arm = Arm(source, decode, model, extractor, tokenizer, vocabulary, hash_encoder(model, extractor, decode.attention))
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
    states = arm.silence()
    ids = torch.full((1, 2), arm.vocabulary.start, device=states.device)
    with reading_files(arm.source.spec.id, arm.source.folder):
        arm.model(encoder_outputs=(states,), decoder_input_ids=ids, past_key_values=cache, use_cache=True)
    held = held_bytes(cache)
    latents = read_shapes({name: tensor.shape for name, tensor in arm.model.state_dict().items()})
    attends_states = "cross" in latents and latents["cross"]["rank"] is None  # nothing of it is to be cached
    if not held.own or not (held.cross or attends_states):
        raise BenchError(f'arm {arm.source.spec.id}: kv = "int8": its code does not use the cache it is given')


def _require_consistent(
    source: ArmSource, model: Any, extractor: WhisperFeatureExtractor, vocabulary: Vocabulary
) -> None:
    """Front end, tokenizer and model belong together. A tokenizer left out would load empty and decode to nothing."""
    config = model.config
    frames = FRAMES_PER_POSITION * config.max_source_positions
    if extractor.nb_max_frames != frames or extractor.feature_size != config.num_mel_bins:
        raise BenchError(
            f"arm {source.spec.id}: preprocessor_config.json in {source.folder} makes {extractor.feature_size} x "
            f"{extractor.nb_max_frames} features, the model takes {config.num_mel_bins} x {frames}; copy its own"
        )
    for key, tokens in source.generation_settings().items():
        if max(tokens) >= config.vocab_size:
            raise BenchError(
                f"arm {source.spec.id}: {key} in {source.folder} names token {max(tokens)}, the model has "
                f"{config.vocab_size:,}; mend it"
            )
    if wrong := _other_ids(source, config, vocabulary):
        raise BenchError(
            f"arm {source.spec.id}: the tokenizer in {source.folder} is missing or another model's ({wrong}); copy the "
            "model's own tokenizer.json"
        )


def _other_ids(source: ArmSource, config: Any, vocabulary: Vocabulary) -> str:
    """The first token to which the model's files give another id than its tokenizer does; empty if there is none."""
    said = source.read_json("generation_config.json")
    ids = {f"<|{name}|>": number for name, number in vocabulary.languages.items()}
    ids |= {"<|startoftranscript|>": vocabulary.start, "<|endoftext|>": vocabulary.end}
    expected = {"<|startoftranscript|>": config.decoder_start_token_id, "<|endoftext|>": config.eos_token_id}
    if not vocabulary.english_only:
        languages = said.get("lang_to_id")
        expected |= languages if isinstance(languages, dict) else {}
    for token, number in expected.items():
        if ids.get(token) != number:
            return f"{token} has id {ids.get(token)} there, {number} in the model"
    if vocabulary.size > config.vocab_size:
        return f"it has {vocabulary.size:,} tokens, the model {config.vocab_size:,}"
    return ""


def _require_suitable(
    source: ArmSource, model: Any, vocabulary: Vocabulary, decode: DecodeSpec, languages: Sequence[str]
) -> None:
    arm_id, config = source.spec.id, model.config
    room = config.max_target_positions - vocabulary.prompt_tokens
    if decode.max_new_tokens > room:
        raise BenchError(f"decode.max_new_tokens = {decode.max_new_tokens}: arm {arm_id} has room for at most {room}")
    if decode.long_clips == "sequential" and source.spec.kv is not None:
        raise BenchError(
            f'decode.long_clips = "sequential": arm {arm_id} has kv = "int8", whose cache serves one window; '
            'set "refuse" or "truncate"'
        )
    last_text_token = vocabulary.no_timestamps or config.vocab_size
    if decode.long_clips == "sequential" and last_text_token + 1 >= config.vocab_size:
        raise BenchError(
            f'decode.long_clips = "sequential": arm {arm_id} has no timestamp tokens to cut long clips at; set '
            '"refuse" or "truncate"'
        )
    unknown = ", ".join(language for language in languages if not vocabulary.speaks(language))
    if unknown and vocabulary.english_only:
        raise BenchError(f"languages: arm {arm_id} is English-only and cannot be asked for {unknown}; take them out")
    if unknown:
        raise BenchError(f"languages: arm {arm_id} has no token for {unknown}; take them out or change the arm")
