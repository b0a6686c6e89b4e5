"""Normalisers: what the multilingual one must keep in each of the card's languages, and where Whisper's differs."""

import pytest

from bench.scoring import make_normalizer


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Don’t — stop… it’s 5 o'clock!", "don't stop it's 5 o'clock"),
        ("de", "„Grüß Gott“, sagte Ännchen.", "grüß gott sagte ännchen"),
        ("es", "¿Qué? ¡El niño!", "qué el niño"),
        ("fr", "L’été, l'élève ‘rit’", "l'été l'élève rit"),
        ("ru", "Ёлка, «йод»", "ёлка йод"),
        ("tr", "İstanbul'da IŞIK", "istanbul'da ışık"),
        ("cy", "Mae'r ŵyn", "mae'r ŵyn"),
        ("ar", "مُحَمَّدٌ ـــ كِتاب؟", "محمد كتاب"),
        ("th", "ผู้หญิง\u200bที่นี่", "ผู้หญิงที่นี่"),
        ("zh", "你好，世界！", "你好 世界"),
        ("ka", "მე ვხედავ კატას.", "მე ვხედავ კატას"),
        ("hi", "हिन्दी", "हिन्दी"),
        ("en", "love ❤️ it", "love it"),
    ],
)
def test_multilingual(language: str, text: str, expected: str) -> None:
    normalize = make_normalizer("multilingual")
    assert normalize(text, language) == expected
    assert normalize(expected, language) == expected


def test_decomposed_and_composed_text_are_one() -> None:
    normalize = make_normalizer("multilingual")
    assert normalize("e\u0301te\u0301", "fr") == normalize("été", "fr")


def test_whispers_own_breaks_thai_words_apart() -> None:
    assert len(make_normalizer("whisper-basic")("ผู้หญิง", "th").split()) > 1
    assert len(make_normalizer("multilingual")("ผู้หญิง", "th").split()) == 1


def test_whisper_english_and_none() -> None:
    assert make_normalizer("whisper-english")("Mr. Smith won't", "en") == "mister smith will not"
    assert make_normalizer("none")("  A,  b ", "en") == "A, b"
