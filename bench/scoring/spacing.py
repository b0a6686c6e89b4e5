"""Whether a text's words are separated by spaces at all, which a word error rate takes for granted."""

import regex

SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
LETTER = regex.compile(r"[\p{L}\p{M}]")
UNSPACED_LETTER = regex.compile(rf"[[{SCRIPTS}ー]&&[\p{{L}}\p{{M}}]]", regex.V1)
MOST = 0.5
"""The share of a text's letters that must be of such scripts."""
LONGEST_WORDS = 8
"""Letters and marks that words in such scripts hardly have on average: what stands between spaces is then no word."""


def lacks_word_spaces(text: str) -> bool:
    """Whether a text is plainly written without spaces between words, as Chinese, Japanese, Thai and others are.

    Spaces between phrases do not make words of them, and a single piece has none. A text that somebody has cut into
    words has short pieces.
    """
    letters = len(UNSPACED_LETTER.findall(text))
    if not letters or letters <= MOST * len(LETTER.findall(text)):
        return False
    pieces = sum(UNSPACED_LETTER.search(piece) is not None for piece in text.split())
    return pieces == 1 or letters > LONGEST_WORDS * pieces
