"""What every transcript is asked for with takes of the decoder's positions."""

PROMPT_TOKENS = 4
"""Start, language, task, no timestamps."""
