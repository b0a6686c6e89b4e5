"""What every transcript is asked for with: start, language, task, and no timestamps."""

from typing import Any


def prompt_of(tokenizer: Any, language: str) -> list[int]:
    """Ids of the decoder's prompt: transcribe speech in this language without timestamps."""
    names = ["<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>"]
    return list(tokenizer.convert_tokens_to_ids(names))
