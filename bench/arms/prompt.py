"""The prompt of every transcript (start, language, task, no timestamps), and the label of what is not said after it."""

from typing import Any

IGNORED = -100
"""Label of a position that is neither scored nor learnt from; PyTorch's own choice."""


def prompt_of(tokenizer: Any, language: str) -> list[int]:
    """Ids of the decoder's prompt: transcribe speech in this language without timestamps."""
    names = ["<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"]
    return list(tokenizer.convert_tokens_to_ids(names))
