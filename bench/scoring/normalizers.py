"""Text normalisers. A normaliser sees one string and its language, never the other side of a comparison."""

import unicodedata
from collections.abc import Callable
from functools import cache
from hashlib import blake2b

import regex

from bench.errors import BenchError
from bench.scoring.probes import PROBES

Normalizer = Callable[[str, str], str]
"""A function of (text, language) that gives the normalised text, words separated by single spaces."""

VERSIONS = {"none": 1, "multilingual": 1, "multilingual-simplified": 1, "whisper-basic": 1, "whisper-english": 1}
"""The version of each normaliser: raised with every change of a rule, part of every signature."""

APOSTROPHES = regex.compile("[\u2019\u02bc\uff07\u2018\u0060\u00b4]")
INVISIBLE = regex.compile(r"[\p{Cf}\p{Cc}--[\s]]", regex.V1)
TATWEEL = "\u0640"
TASHKEEL = regex.compile("[\u064b-\u0652\u0670]")
NOT_WORD = regex.compile(r"[^\p{L}\p{M}\p{N}'\s]")
STRAY_MARK = regex.compile(r"(?<![\p{L}\p{M}\p{N}])\p{M}+")
WORD = regex.compile(r"[\p{L}\p{M}\p{N}']+")
LOOSE_APOSTROPHE = regex.compile(r"(?<![\p{L}\p{M}\p{N}])'|'(?![\p{L}\p{M}\p{N}])")


def make_normalizer(name: str) -> Normalizer:
    """The normaliser of that name; a suite lists the names."""
    return {
        "none": lambda text, language: " ".join(text.split()),
        "multilingual": normalize_multilingual,
        "multilingual-simplified": normalize_simplified,
        "whisper-basic": lambda text, language: " ".join(_whisper_basic()(text).split()),
        "whisper-english": lambda text, language: " ".join(_whisper_english()(text).split()),
    }[name]


def normalizer_version(name: str) -> str:
    """The normaliser's name, its version, and a hash of what it makes of the probes, as printed in signatures.

    The hash moves with the libraries and the Unicode tables that a normaliser rests on, which no version of ours would.
    """
    normalize = make_normalizer(name)
    made = "\0".join(normalize(text, language) for language, text in PROBES)
    return f"{name}-{VERSIONS[name]}-{blake2b(made.encode(), digest_size=4).hexdigest()}"


def count_written_words(text: str) -> int:
    """The number of runs of letters, marks, digits and apostrophes in a text as it was written.

    A normaliser that leaves many more words than this has torn them apart, and its WER counts the fragments.
    """
    return len(WORD.findall(APOSTROPHES.sub("'", INVISIBLE.sub("", text))))


def normalize_multilingual(text: str, language: str) -> str:
    """Removes case and punctuation, and nothing that any of the world's scripts needs.

    NFC; combining marks kept; Arabic tashkeel and tatweel removed; Turkish and Azerbaijani dotted and dotless i kept
    apart; apostrophes unified and kept inside words; zero-width and bidirectional controls removed; digits left alone.
    """
    text = unicodedata.normalize("NFC", text)
    text = INVISIBLE.sub("", APOSTROPHES.sub("'", text))
    if language == "ar":
        text = TASHKEEL.sub("", text.replace(TATWEEL, ""))
    if language in {"tr", "az"}:
        text = text.replace("I", "ı").replace("İ", "i")
    text = STRAY_MARK.sub(" ", NOT_WORD.sub(" ", unicodedata.normalize("NFC", text.lower())))
    return " ".join(LOOSE_APOSTROPHE.sub(" ", text).split())


def normalize_simplified(text: str, language: str) -> str:
    """Normalises as the multilingual one does, with traditional Chinese made simplified by OpenCC's t2s."""
    text = normalize_multilingual(text, language)
    return _to_simplified()(text) if language == "zh" else text


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
