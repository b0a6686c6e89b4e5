"""How many of the decoder's positions the prompt of every transcript takes."""

PROMPT_TOKENS = 4
"""Start, language, task, no timestamps."""
