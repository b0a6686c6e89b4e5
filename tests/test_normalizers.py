"""Normalisers: what the multilingual one must keep in each of the card's languages, and where Whisper's differs."""

from typing import get_args

import pytest

from bench.scoring import count_written_words, make_normalizer, normalizer_version
from bench.scoring.probes import PROBES
from bench.suite.sections import NormalizerName


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


GOLDEN = {
    "en": (
        "don't stop it's 5 o'clock mr o'neil's e mail cost 1 000 50 ﬁne",
        "don t stop it s 5 o clock mr o neil s e mail cost 1 000 50",
    ),
    "de": ("grüß gott sagte ännchen die strasse heißt nicht straße",) * 2,
    "es": ("qué el niño comió 3 5 piñas en á\u0301vila", "qué el niño comió 3 5 piñas en á vila"),
    "fr": (
        "l'été l'élève rit c'est à dire aujourd'hui œuvre naïve",
        "l été l élève rit c est à dire aujourd hui œuvre naïve",
    ),
    "ru": ("ёлка йод и подъезд ещё одна ёлка",) * 2,
    "tr": (
        "istanbul'da ışık ığdır'ın ılık ili istanbul'da",
        "i stanbul da işik iğdır ın ılık i li istanbul da",
    ),
    "cy": (
        "mae'r ŵyn a'r tŷ yng nghaerdydd dw i'n mynd i'r llŷn",
        "mae r ŵyn a r tŷ yng nghaerdydd dw i n mynd i r llŷn",
    ),
    "ar": ("محمد كتاب قال السلام عليكم ١٢٣ و123", "م ح م د ـــ ك تاب قال الس لام عليكم ١٢٣ و123"),
    "th": ("ผู้หญิงที่นี่ กินข้าวแล้วๆ ฯลฯ ๑๒๓", "ผ หญ ง\u200bท น ก นข าวแล วๆ ฯลฯ ๑๒๓"),
    "zh": ("你好 世界 這是 繁體 中文 ２０２４年 書", "你好 世界 這是 繁體 中文 2024年 書"),
    "ka": ("მე ვხედავ კატას გამარჯობა თბილისი",) * 2,
}
"""What the probe of each of the card's languages becomes: by the multilingual normaliser, by Whisper's basic one."""


@pytest.mark.parametrize("language", list(GOLDEN))
def test_golden_probes(language: str) -> None:
    text = dict(reversed(PROBES))[language]
    made = tuple(make_normalizer(name)(text, language) for name in ("multilingual", "whisper-basic"))
    assert made == GOLDEN[language]


def test_versions_carry_a_hash_of_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    names = get_args(NormalizerName)
    versions = {name: normalizer_version(name) for name in names}
    assert len({version.rsplit("-", 1)[1] for version in versions.values()}) == len(names)
    monkeypatch.setattr("bench.scoring.normalizers.TATWEEL", "x")
    assert normalizer_version("multilingual") != versions["multilingual"]
    assert normalizer_version("none") == versions["none"]


def test_traditional_characters_are_simplified_where_asked() -> None:
    assert make_normalizer("multilingual")("這是“繁體”。", "zh") == "這是 繁體"
    assert make_normalizer("multilingual-simplified")("這是“繁體”。", "zh") == "这是 繁体"
    assert make_normalizer("multilingual-simplified")("這是", "ja") == "這是"


@pytest.mark.parametrize(
    ("text", "words"), [("Don’t — stop…", 2), ("ผู้หญิง", 1), ("你好，世界！", 2), ("हिन्दी", 1), ("", 0), ("100 %", 1)]
)
def test_words_as_they_were_written(text: str, words: int) -> None:
    assert count_written_words(text) == words


def test_decomposed_and_composed_text_are_one() -> None:
    normalize = make_normalizer("multilingual")
    assert normalize("e\u0301te\u0301", "fr") == normalize("été", "fr")


def test_whispers_own_breaks_thai_words_apart() -> None:
    assert len(make_normalizer("whisper-basic")("ผู้หญิง", "th").split()) > 1
    assert len(make_normalizer("multilingual")("ผู้หญิง", "th").split()) == 1


def test_whisper_english_and_none() -> None:
    assert make_normalizer("whisper-english")("Mr. Smith won't", "en") == "mister smith will not"
    assert make_normalizer("none")("  A,  b ", "en") == "A, b"
