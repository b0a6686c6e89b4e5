"""The special tokens of a Whisper, as its tokenizer has them: prompts, languages, and the settings of greedy search."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transformers import GenerationConfig, WhisperTokenizerFast

from bench.languages import code_of

IGNORED = -100
"""Label of a position that is neither scored nor learnt from; PyTorch's own choice."""
ENGLISH_END = 50_256
"""<|endoftext|> in OpenAI's English-only vocabulary, whose tokens of all languages no model was taught."""
LANGUAGE = re.compile(r"<\|([a-z]{2,3})\|>")
LATEST_START = 50
"""Of the first timestamp of a window, in steps of 0.02 s: OpenAI's own limit of a second."""
MAY_ACT = ("suppress_tokens", "begin_suppress_tokens")
"""What a model's own files may change about greedy decoding: tokens never said, and never said first."""


@dataclass(frozen=True)
class Vocabulary:
    """Ids of special tokens. An English-only Whisper has no `languages` and is not told a task.

    `size`: the smallest vocabulary that holds every token of the tokenizer.
    """

    start: int
    end: int
    transcribe: int | None
    no_timestamps: int | None
    languages: Mapping[str, int]
    size: int

    @property
    def english_only(self) -> bool:
        return not self.languages

    def prompt(self, language: str) -> list[int]:
        """Of the decoder: transcribe speech in this language without timestamps."""
        told = [] if self.english_only else [self.languages[code_of(language)], self.transcribe]
        return [token for token in (self.start, *told, self.no_timestamps) if token is not None]

    @property
    def prompt_tokens(self) -> int:
        """How many of the decoder's positions the prompt of every transcript takes."""
        return len(self.prompt(next(iter(self.languages), "en")))

    def speaks(self, language: str) -> bool:
        """Whether it can be asked for."""
        return code_of(language) in (self.languages or ("en",))

    def asked(self, language: str) -> dict[str, str]:
        """What `generate` is told of language and task, where the model can be told."""
        return {} if self.english_only else {"language": f"<|{code_of(language)}|>", "task": "transcribe"}

    def generation_config(self, settings: Mapping[str, Any], positions: int) -> GenerationConfig:
        """Greedy search and nothing else; `settings`: those of `MAY_ACT` that the model has."""
        told = {
            "lang_to_id": {f"<|{name}|>": token for name, token in self.languages.items()},
            "task_to_id": {} if self.transcribe is None else {"transcribe": self.transcribe},
        }
        return GenerationConfig(
            decoder_start_token_id=self.start,
            bos_token_id=self.end,
            eos_token_id=self.end,
            pad_token_id=self.end,
            no_timestamps_token_id=self.no_timestamps,
            max_initial_timestamp_index=LATEST_START,
            max_length=positions,
            num_beams=1,
            do_sample=False,
            is_multilingual=not self.english_only,
            **({} if self.english_only else told),
            **settings,
        )


def read_vocabulary(tokenizer: WhisperTokenizerFast) -> Vocabulary:
    """Languages and tasks are what the tokenizer has tokens for, whatever a generation config says or lacks.

    Raises KeyError naming the token without which nothing can be decoded.
    """
    known: dict[str, int] = tokenizer.get_vocab()
    for token in ("<|startoftranscript|>", "<|endoftext|>"):
        if token not in known:
            raise KeyError(token)
    spoken = {match[1]: number for name, number in known.items() if (match := LANGUAGE.fullmatch(name))}
    english_only = known["<|endoftext|>"] == ENGLISH_END or not spoken
    return Vocabulary(
        start=known["<|startoftranscript|>"],
        end=known["<|endoftext|>"],
        transcribe=None if english_only else known.get("<|transcribe|>"),
        no_timestamps=known.get("<|notimestamps|>"),
        languages={} if english_only else dict(sorted(spoken.items(), key=lambda item: item[1])),
        size=max(known.values()) + 1,
    )
