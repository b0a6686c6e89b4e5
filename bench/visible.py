"""Text from outside that is shown and not obeyed: by a terminal, or by a spreadsheet."""

import re
import unicodedata

OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
"""Characters that change the direction of what follows, or nothing that is seen."""
FORMULA = "=+-@\t\r"
"""What a spreadsheet takes for the beginning of a formula."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def visible(text: str) -> str:
    """Text on one line, with what a terminal would obey or hide written out: controls, direction overrides."""
    return "".join(f"\\u{ord(letter):04x}" if _hidden(letter) else letter for letter in text)


def no_formula(text: str) -> str:
    """A cell that a spreadsheet shows: with a ' before what it would compute; numbers as they are."""
    return f"'{text}" if text[:1] and text[0] in FORMULA and not NUMBER.fullmatch(text) else text


def no_formulas(line: str) -> str:
    """The same of a visible line that no quotes hold together: of each cell that commas or semicolons make of it."""
    return "".join(no_formula(piece) for piece in re.split(r"([,;])", line))


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} or letter in OVERRIDES
