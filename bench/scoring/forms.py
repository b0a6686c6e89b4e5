"""One text in several encodings made one: width, presentation forms, digits of other scripts, vowel marks."""

import unicodedata
from functools import cache

import regex

COMPATIBLE = regex.compile(r"[\p{L}\p{M}\p{Nd}\p{Nl}\u309b\u309c\u2e80-\u2fdf]")
"""What may stand for something else: letters, digits, signs of kana's voicing, radicals of Han. Other symbols and
fractions may not, for they would leave letters where none were said.
"""
RAISED = ("<super>", "<sub>")
"""Kinds of letters that stay: º is no o."""
SARA_AM = {"\u0e33": "\u0e4d\u0e32", "\u0eb3": "\u0ecd\u0eb2"}
"""Thai and Lao: one letter that may also be written as two, with the tone mark before or between them."""
SPLIT_SARA_AM = regex.compile(r"(\u0e4d)([\u0e48-\u0e4b]?)\u0e32|(\u0ecd)([\u0ec8-\u0ecb]?)\u0eb2")
ARABIC_MARKS = regex.compile(
    "[\u0640\u064b-\u0652\u0656\u0657\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
"""Vowel marks, signs of recitation, and the stroke that only stretches a word."""
HEBREW_MARKS = regex.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
"""Points and accents."""
DIGRAPHS = {"เเ": "แ", "ເເ": "ແ", "װ": "וו", "ױ": "וי", "ײ": "יי"}
"""What is typed as one letter or as two: Thai and Lao vowels, Yiddish consonants."""
KEYBOARDS = {
    "fa": str.maketrans("كيى", "کیی"),
    "ur": str.maketrans("كيىه", "کییہ"),
    "ro": str.maketrans("şţŞŢ", "șțȘȚ"),
}
"""Letters of other languages that stand for a language's own in text made with older encodings."""
LETTERS_OF = {"ks": ARABIC_MARKS, "yi": HEBREW_MARKS}
"""Languages in whose spelling these marks are letters."""


def unify_forms(text: str, language: str) -> str:
    """Wide, narrow and presentation forms, ligatures and digits as the plain characters that they stand for; NFC.

    As NFKC, which is no more than that for letters and digits, but not where it would take letters apart (Thai sara am)
    or make letters of symbols (™) and of what is raised (º).
    """
    plain = COMPATIBLE.sub(lambda found: _plain(found.group()), text)
    composed = SPLIT_SARA_AM.sub(_sara_am, unicodedata.normalize("NFC", plain))
    for written, letter in DIGRAPHS.items():
        composed = composed.replace(written, letter)
    return unicodedata.normalize("NFC", composed.translate(KEYBOARDS.get(language, {})))


def remove_vowel_marks(text: str, language: str) -> str:
    """Of Arabic and Hebrew script, which people and models write or leave out at will."""
    for marks in (ARABIC_MARKS, HEBREW_MARKS):
        if LETTERS_OF.get(language) is not marks:
            text = marks.sub("", text)
    return text


@cache
def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    kind, _, _ = unicodedata.decomposition(character).partition(" ")
    if not kind.startswith("<") or kind in RAISED or character in SARA_AM:
        return character
    return unicodedata.normalize("NFKC", character).lstrip()  # a mark that stood alone joins the letter before it


def _sara_am(found: regex.Match[str]) -> str:
    return (found[2] or "") + "\u0e33" if found[1] else (found[4] or "") + "\u0eb3"
