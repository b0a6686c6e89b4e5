"""Text normalisers. A normaliser sees one string and its language, never the other side of a comparison."""

import unicodedata
from collections.abc import Callable
from functools import cache

import regex

from bench.errors import BenchError
from bench.languages import code_of
from bench.scoring.brackets import without_brackets
from bench.scoring.forms import remove_vowel_marks, unify_forms
from bench.scoring.open_asr import normalize_open_asr

Normalizer = Callable[[str, str], str]
"""A function of (text, language) that gives the normalised text, words separated by single spaces."""

VERSIONS = {
    **{"none": 1, "multilingual": 2, "multilingual-simplified": 2, "whisper-basic": 1, "whisper-english": 1},
    "open-asr": 1,
}
"""The version of each normaliser: raised with every change of a rule, part of every signature."""

APOSTROPHES = regex.compile(
    "[\u2018\u2019\u201b\u2032\u0060\u00b4\uff07\uff40"  # what keyboards and word processors make of one
    "\u02b9\u02bb-\u02bf\u0559\u055a\u05f3\u1fbd\u1fbf\u1ffe\ua78b\ua78c]"  # letters and signs of their own
    '|(?<=\\p{Hebrew})["\u05f4\u201c-\u201f](?=\\p{Hebrew})'  # gershayim, the sign of abbreviations
)
"""Each is one apostrophe: also ʻokina, Ukrainian, Armenian and Greek apostrophes, half rings, geresh, saltillo."""
WITHIN_WORDS = regex.compile("[\u055b\u055c\u055e]")
"""Armenian marks of stress, exclamation and question, which stand above a letter and end nothing."""
INVISIBLE = regex.compile(r"[\p{Cf}\p{Cc}--[\s]]", regex.V1)
NOT_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}'\s]")
STRAY_MARK = regex.compile(r"(?<![\p{L}\p{M}\p{N}])\p{M}+")
WORD = regex.compile(r"[\p{L}\p{M}\p{N}']+")
LONG_NUMBER = regex.compile(r"\p{N}{4000}")
LOOSE_APOSTROPHE = regex.compile(r"(?<![\p{L}\p{M}\p{N}])'|'(?![\p{L}\p{M}\p{N}])")


def make_normalizer(name: str) -> Normalizer:
    """The normaliser of that name; a suite lists the names."""
    return {
        "none": lambda text, language: " ".join(text.split()),
        "multilingual": normalize_multilingual,
        "multilingual-simplified": normalize_simplified,
        "whisper-basic": lambda text, language: " ".join(_whisper_basic()(_readable(text)).split()),
        "whisper-english": lambda text, language: " ".join(_whisper_english()(_readable(text)).split()),
        "open-asr": lambda text, language: normalize_open_asr(_readable(text)),
    }[name]


def count_written_words(text: str) -> int:
    """The number of runs of letters, marks, digits and apostrophes in a text as it was written.

    A normaliser that leaves many more words than this has torn them apart, and its WER counts the fragments.
    """
    return len(WORD.findall(WITHIN_WORDS.sub("", APOSTROPHES.sub("'", INVISIBLE.sub("", text)))))


def normalize_multilingual(text: str, language: str) -> str:
    """Removes case and punctuation, and nothing that any of the world's scripts needs.

    One text in several encodings is made one (NFC, width, presentation forms, digits of other scripts as 0 to 9), and
    vowel marks of Arabic and Hebrew script are removed: `bench.scoring.forms`. Other combining marks are kept; Turkish
    and Azerbaijani dotted and dotless i kept apart; apostrophes unified and kept inside words; zero-width and
    bidirectional controls removed; numbers left alone.
    """
    code = code_of(language)
    text = unify_forms(INVISIBLE.sub("", text), code)
    text = remove_vowel_marks(WITHIN_WORDS.sub("", APOSTROPHES.sub("'", text)), code)
    if code in {"tr", "az"}:
        text = text.replace("I", "ı").replace("İ", "i")
    text = STRAY_MARK.sub(" ", NOT_WORD.sub(" ", unicodedata.normalize("NFC", text.lower())))
    return " ".join(LOOSE_APOSTROPHE.sub(" ", text).split())


def normalize_simplified(text: str, language: str) -> str:
    """Normalises as the multilingual one does, with traditional Chinese made simplified by OpenCC's t2s."""
    text = normalize_multilingual(text, language)
    return _to_simplified()(text) if code_of(language) == "zh" else text


def _readable(text: str) -> str:
    """The same to Whisper's rules, which take no time by the square of its length. Raises BenchError for a number that
    Python does not read.
    """
    if LONG_NUMBER.search(text):
        raise BenchError(
            f"{text[:40]!r} …: thousands of digits running, which Whisper's rules cannot read; mend the text"
        )
    return without_brackets(" ".join(text.split()))


@cache
def _to_simplified() -> Callable[[str], str]:
    try:
        from opencc import OpenCC
    except ImportError:
        raise BenchError(
            'scoring: "multilingual-simplified" needs OpenCC; install it with `pip install whisper-mla-bench[zh]`'
        ) from None
    return OpenCC("t2s").convert


@cache
def _whisper_basic() -> Callable[[str], str]:
    from transformers.models.whisper.english_normalizer import BasicTextNormalizer  # seconds that no other one takes

    return BasicTextNormalizer()  # type: ignore[no-any-return]


@cache
def _whisper_english() -> Callable[[str], str]:
    from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

    return EnglishTextNormalizer({})  # type: ignore[no-any-return]
