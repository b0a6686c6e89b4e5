"""What stands in brackets, taken out in one pass whatever the text: Whisper's rules ask for that first."""

import re

BRACKETS = ((re.compile(r"[<\[][^>\]]*[>\]]"), "<[", ">]"), (re.compile(r"\([^)]+\)"), "(", ")"))
"""Each with what opens and what closes it."""
OTHER_SIGN = "{"
"""Stands for a bracket that nothing closes: a sign like it, which later rules treat alike, and nothing looks for."""


def without_brackets(text: str) -> str:
    """As Whisper's two substitutions, one after the other, which search to the end for each bracket left open."""
    for pattern, opening, closing in BRACKETS:
        end = 1 + max(map(text.rfind, closing))
        text = pattern.sub("", text[:end]) + text[end:].translate(dict.fromkeys(map(ord, opening), OTHER_SIGN))
    return text
