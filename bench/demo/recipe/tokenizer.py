"""A byte-level BPE with Whisper's special tokens, and the processor and generation settings that go with it."""

import json
from collections.abc import Iterable

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import GenerationConfig, WhisperFeatureExtractor, WhisperProcessor, WhisperTokenizer
from transformers.models.whisper.tokenization_whisper import LANGUAGES

from bench.demo.recipe.corpus import WINDOW_SECONDS

BPE_SIZE = 600
MAX_TARGET_POSITIONS = 64
SPECIALS = (
    *("<|endoftext|>", "<|startoftranscript|>"),
    *(f"<|{language}|>" for language in LANGUAGES),
    *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"),
)
"""In Whisper's order: its tokenizer finds a language's id by counting from <|startoftranscript|>."""


def train_tokenizer(texts: Iterable[str]) -> WhisperTokenizer:
    """BPE over UTF-8 bytes, then Whisper's special tokens; no timestamp tokens."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=BPE_SIZE, initial_alphabet=alphabet, show_progress=False)
    bpe.train_from_iterator(texts, trainer)
    model = json.loads(bpe.to_str())["model"]
    tokenizer = WhisperTokenizer(
        vocab=model["vocab"] | {SPECIALS[0]: len(model["vocab"])},
        merges=[tuple(pair) for pair in model["merges"]],
        clean_up_tokenization_spaces=False,
    )
    tokenizer.add_special_tokens({"pad_token": SPECIALS[0], "additional_special_tokens": list(SPECIALS[1:])})
    tokenizer.set_prefix_tokens()
    return tokenizer


def make_processor(tokenizer: WhisperTokenizer) -> WhisperProcessor:
    """Whisper's own log-mel front end with a short window."""
    return WhisperProcessor(WhisperFeatureExtractor(chunk_length=WINDOW_SECONDS), tokenizer)


def make_generation_config(tokenizer: WhisperTokenizer) -> GenerationConfig:
    """Language and task ids, as the published multilingual Whispers carry them."""
    ids = tokenizer.convert_tokens_to_ids
    return GenerationConfig(
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=ids("<|startoftranscript|>"),
        no_timestamps_token_id=ids("<|notimestamps|>"),
        prev_sot_token_id=ids("<|startofprev|>"),
        lang_to_id={f"<|{language}|>": ids(f"<|{language}|>") for language in LANGUAGES},
        task_to_id={"transcribe": ids("<|transcribe|>"), "translate": ids("<|translate|>")},
        is_multilingual=True,
        return_timestamps=False,
        max_length=MAX_TARGET_POSITIONS,
    )
